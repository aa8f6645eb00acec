import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchFailure, kinesisHandler, PermanentError, TransientError } from '../../src/index.ts';
import { lambdaContext, memoryDeadLetters } from '../../src/testing/index.ts';
import { aggregate } from '../support/aggregates.ts';
import { capturedLines } from '../support/captured-lines.ts';
import { kinesisEventOf, quietly } from '../support/kinesis-events.ts';

const context = lambdaContext('millrace-stream-analytics-local-countEvents');
const decode = (data: Uint8Array) => {
  const text = Buffer.from(data).toString();
  if (text.includes('unreadable')) throw new PermanentError('not_readable', 'It cannot be read.');
  return text;
};
const busy = () => new TransientError('busy', 'Try again.');

/** A user record: its first character is its partition key. */
const plain = (text: string) => ({ partitionKey: text.slice(0, 1), data: Buffer.from(text) });
const packed = (...texts: string[]) => ({
  partitionKey: 'P',
  data: aggregate(texts.map(plain)),
});

/** A plain record, then three in one, then a plain record: sequence numbers 1, 2, 3. */
const mixed = () =>
  kinesisEventOf(plain('a one'), packed('b two', 'a three', 'c four'), plain('b five'));

describe('record by record', () => {
  test('each user record comes by itself, with its own key and id and the sequence number of all', async () => {
    const seen: unknown[] = [];
    const handler = kinesisHandler({
      decode,
      deadLetters: memoryDeadLetters(),
      concurrency: 1,
      keyOf: () => 'in the order of the batch',
      process: async ({ raw, arrivedAt, id, shardId, sequenceNumber, partitionKey, value }) => {
        seen.push({ id, shardId, sequenceNumber, partitionKey, value });
        expect(arrivedAt).toBe('2018-12-17T22:10:50.987Z');
        expect(raw.kinesis.sequenceNumber).toBe(sequenceNumber);
      },
    });
    expect(await quietly(() => handler(mixed(), context))).toEqual({ batchItemFailures: [] });
    const shardId = 'shardId-000000000006';
    expect(seen).toEqual([
      { id: `${shardId}:1`, shardId, sequenceNumber: '1', partitionKey: 'a', value: 'a one' },
      { id: `${shardId}:2/0`, shardId, sequenceNumber: '2', partitionKey: 'b', value: 'b two' },
      { id: `${shardId}:2/1`, shardId, sequenceNumber: '2', partitionKey: 'a', value: 'a three' },
      { id: `${shardId}:2/2`, shardId, sequenceNumber: '2', partitionKey: 'c', value: 'c four' },
      { id: `${shardId}:3`, shardId, sequenceNumber: '3', partitionKey: 'b', value: 'b five' },
    ]);
  });

  test('the third user record fails: its Kinesis record comes again, what has another key is done', async () => {
    const seen: string[] = [];
    const handler = kinesisHandler({
      decode,
      deadLetters: memoryDeadLetters(),
      process: async ({ value }) => {
        if (value === 'a four') throw busy();
        seen.push(value);
      },
    });
    const event = kinesisEventOf(
      plain('a one'),
      packed('b two', 'a three', 'a four', 'a five'),
      plain('a six'),
      plain('b seven'),
    );
    const response = await quietly(() => handler(event, context));
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
    expect(seen.sort()).toEqual(['a one', 'a three', 'b seven', 'b two']);
  });

  test('a user record that is refused is put aside by itself, and can be told from its neighbours', async () => {
    const deadLetters = memoryDeadLetters();
    const handler = kinesisHandler({ decode, deadLetters, process: async () => {} });
    const event = kinesisEventOf(packed('a fine', 'b unreadable'));
    expect(await quietly(() => handler(event, context))).toEqual({ batchItemFailures: [] });
    expect(deadLetters.all()).toEqual([
      {
        source: 'millrace-stream-analytics-local-countEvents',
        id: 'shardId-000000000006:1/1',
        reason: { code: 'not_readable', message: 'It cannot be read.' },
        payload: Buffer.from('b unreadable'),
        arrivedAt: '2018-12-17T22:10:50.987Z',
        attributes: {
          eventSourceArn: 'arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream',
          shardId: 'shardId-000000000006',
          sequenceNumber: '1',
          subsequenceNumber: '1',
          partitionKey: 'b',
        },
      },
    ]);
  });
});

describe('as a whole batch', () => {
  test('user records come in the order of the batch', async () => {
    const batches: string[][] = [];
    const handler = kinesisHandler({
      decode,
      deadLetters: memoryDeadLetters(),
      processBatch: async (records) => void batches.push(records.map(({ value }) => value)),
    });
    expect(await quietly(() => handler(mixed(), context))).toEqual({ batchItemFailures: [] });
    expect(batches).toEqual([['a one', 'b two', 'a three', 'c four', 'b five']]);
  });

  test('the third user record fails: its Kinesis record comes again', async () => {
    const handler = kinesisHandler({
      decode,
      deadLetters: memoryDeadLetters(),
      processBatch: async (records) => {
        const third = records.find(({ value }) => value === 'c four');
        throw new BatchFailure(third?.sequenceNumber ?? 'none', busy());
      },
    });
    expect(await quietly(() => handler(mixed(), context))).toEqual({
      batchItemFailures: [{ itemIdentifier: '2' }],
    });
  });

  test('while one user record can neither be read nor put aside, its neighbours wait for it', async () => {
    const batches: string[][] = [];
    const handler = kinesisHandler({
      decode,
      deadLetters: { addOnce: () => Promise.reject(busy()) },
      processBatch: async (records) => void batches.push(records.map(({ value }) => value)),
    });
    const event = kinesisEventOf(plain('a one'), packed('b two', 'c unreadable'), plain('b three'));
    expect(await quietly(() => handler(event, context))).toEqual({
      batchItemFailures: [{ itemIdentifier: '2' }],
    });
    expect(batches).toEqual([['a one']]);
  });

  test('the processor can put a user record aside by itself', async () => {
    const deadLetters = memoryDeadLetters();
    const handler = kinesisHandler({
      decode,
      deadLetters,
      processBatch: async (records, _invocation, putAside) => {
        const refused = records.find(({ value }) => value === 'a three');
        if (refused) await putAside(refused, new PermanentError('refused', 'It is refused.'));
      },
    });
    await quietly(() => handler(mixed(), context));
    expect(deadLetters.all()).toMatchObject([
      { id: 'shardId-000000000006:2/1', payload: Buffer.from('a three') },
    ]);
  });
});

describe('nothing is lost', () => {
  const whole = aggregate(['a one', 'b two', 'a three'].map(plain));
  /** Without its magic number the record is plain, and no text. */
  const decodeLetters = (data: Uint8Array) => {
    if (data[0] !== 0x61) throw new PermanentError('not_readable', 'It cannot be read.');
    return Buffer.from(data).toString();
  };

  test.each(['process', 'processBatch'] as const)(
    'by %s: whichever byte is another, the record is put aside to the byte and the next is processed',
    async (way) => {
      for (const at of whole.keys()) {
        const damaged = Buffer.from(whole);
        damaged[at] = (damaged[at] ?? 0) ^ 0x20;
        const deadLetters = memoryDeadLetters();
        const seen: string[] = [];
        const common = { decode: decodeLetters, deadLetters };
        const handler =
          way === 'process'
            ? kinesisHandler({ ...common, process: async ({ value }) => void seen.push(value) })
            : kinesisHandler({
                ...common,
                processBatch: async (records) => {
                  seen.push(...records.map(({ value }) => value));
                },
              });
        const event = kinesisEventOf({ partitionKey: 'P', data: damaged }, plain('a next'));
        const response = await quietly(() => handler(event, context));
        expect(response).toEqual({ batchItemFailures: [] });
        expect(seen).toEqual(['a next']);
        expect(deadLetters.all()).toMatchObject([
          {
            id: 'shardId-000000000006:1',
            payload: damaged,
            reason: { code: at < 4 ? 'not_readable' : 'aggregate_invalid' },
            attributes: { partitionKey: 'P', sequenceNumber: '1' },
          },
        ]);
      }
    },
  );

  test('however records are packed, each is done once more at most after a failure and in the order of its key', async () => {
    const records = fc.array(
      fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 6 }),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(records, fc.nat(47), fc.boolean(), async (batch, place, aggregated) => {
        let number = 0;
        const texts = batch.map((keys) => keys.map((key) => `${key}${++number}`));
        const all = texts.flat();
        const failing = all[place % all.length];
        const event = kinesisEventOf(
          ...texts.flatMap((some) =>
            aggregated || some.length > 3 ? [packed(...some)] : some.map(plain),
          ),
        );
        const done: string[] = [];
        let left = 1;
        const handler = kinesisHandler({
          decode,
          deadLetters: memoryDeadLetters(),
          process: async ({ value }) => {
            if (value === failing && left-- > 0) throw busy();
            done.push(value);
          },
        });
        const response = await quietly(() => handler(event, context));
        const from = event.Records.findIndex(
          ({ kinesis }) => kinesis.sequenceNumber === response.batchItemFailures[0]?.itemIdentifier,
        );
        expect(from).toBeGreaterThanOrEqual(0);
        const again = { Records: event.Records.slice(from) };
        expect(await quietly(() => handler(again, context))).toEqual({ batchItemFailures: [] });
        for (const key of ['a', 'b', 'c']) {
          const firsts = [...new Set(done.filter((one) => one.startsWith(key)))];
          expect(firsts).toEqual(all.filter((one) => one.startsWith(key)));
        }
      }),
    );
  });
});

test('the metrics count user records', async () => {
  const handler = kinesisHandler({
    decode,
    deadLetters: memoryDeadLetters(),
    process: async ({ value }) => {
      if (value === 'c four') throw busy();
    },
  });
  const lines = await capturedLines(() => handler(mixed(), context));
  expect(lines.find((line) => '_aws' in line)).toMatchObject({
    RecordsReceived: 5,
    RecordsRetried: 1,
  });
});
