import { describe, expect, test } from 'vitest';
import { BatchFailure, kinesisHandler, PermanentError, TransientError } from '../../src/index.ts';
import { lambdaContext, memoryDeadLetters } from '../../src/testing/index.ts';
import { capturedLines } from '../support/captured-lines.ts';
import { capturedEvent, kinesisEventOf, quietly } from '../support/kinesis-events.ts';

const context = lambdaContext('millrace-stream-analytics-local-countEvents');
const text = (data: Uint8Array) => Buffer.from(data).toString();

const eventOf = (...data: string[]) =>
  kinesisEventOf(...data.map((one) => ({ partitionKey: one.slice(0, 1), data: Buffer.from(one) })));

const unreadable = new PermanentError('not_readable', 'The record cannot be read.');
const decode = (data: Uint8Array) => {
  if (text(data).includes('unreadable')) throw unreadable;
  return text(data);
};

describe('record by record', () => {
  test('reads a captured event', async () => {
    const seen: unknown[] = [];
    const handler = kinesisHandler({
      decode,
      deadLetters: memoryDeadLetters(),
      process: async ({ id, shardId, sequenceNumber, partitionKey, arrivedAt, value }) =>
        void seen.push({ id, shardId, sequenceNumber, partitionKey, arrivedAt, value }),
    });
    const response = await quietly(() => handler(capturedEvent(), context));
    expect(response).toEqual({ batchItemFailures: [] });
    expect(seen).toEqual([
      {
        id: 'shardId-000000000006:49590338271490256608559692538361571095921575989136588898',
        shardId: 'shardId-000000000006',
        sequenceNumber: '49590338271490256608559692538361571095921575989136588898',
        partitionKey: '1',
        arrivedAt: '2018-12-17T22:10:50.987Z',
        value: 'Hello, this is a test.',
      },
      {
        id: 'shardId-000000000006:49590338271490256608559692540925702759324208523137515618',
        shardId: 'shardId-000000000006',
        sequenceNumber: '49590338271490256608559692540925702759324208523137515618',
        partitionKey: '1',
        arrivedAt: '2018-12-17T22:11:51.166Z',
        value: 'This is only a test.',
      },
    ]);
  });

  test('a record that cannot be read is put aside whole, and the next of its key is processed', async () => {
    const deadLetters = memoryDeadLetters();
    const seen: string[] = [];
    const handler = kinesisHandler({
      decode,
      deadLetters,
      process: async ({ value }) => void seen.push(value),
    });
    const response = await quietly(() => handler(eventOf('a unreadable', 'a fine'), context));
    expect(response).toEqual({ batchItemFailures: [] });
    expect(seen).toEqual(['a fine']);
    expect(deadLetters.all()).toMatchObject([
      {
        source: 'millrace-stream-analytics-local-countEvents',
        id: 'shardId-000000000006:1',
        reason: { code: 'not_readable', message: 'The record cannot be read.' },
        payload: Buffer.from('a unreadable'),
        attributes: {
          eventSourceArn: 'arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream',
          shardId: 'shardId-000000000006',
          sequenceNumber: '1',
          partitionKey: 'a',
        },
      },
    ]);
  });

  test('a transient failure stops its key only and is reported', async () => {
    const seen: string[] = [];
    const handler = kinesisHandler({
      decode,
      deadLetters: memoryDeadLetters(),
      process: async ({ value }) => {
        if (value === 'a busy') throw new TransientError('busy', 'Try again.');
        seen.push(value);
      },
    });
    const response = await quietly(() =>
      handler(eventOf('b one', 'a busy', 'a two', 'b two'), context),
    );
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
    expect(seen).toEqual(['b one', 'b two']);
  });

  test('another key than the partition key can say what needs order', async () => {
    const seen: string[] = [];
    const handler = kinesisHandler({
      decode,
      deadLetters: memoryDeadLetters(),
      keyOf: () => 'one',
      process: async ({ value }) => {
        if (value === 'a busy') throw new TransientError('busy', 'Try again.');
        seen.push(value);
      },
    });
    const response = await quietly(() => handler(eventOf('a busy', 'b waits'), context));
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
    expect(seen).toEqual([]);
  });

  test('close to its timeout it answers what is done instead of being stopped', async () => {
    let left = 10_000;
    const seen: string[] = [];
    const handler = kinesisHandler({
      decode,
      deadLetters: memoryDeadLetters(),
      concurrency: 1,
      process: async ({ value }) => {
        seen.push(value);
        left = 100;
      },
    });
    const slow = lambdaContext('f', () => left);
    const response = await quietly(() => handler(eventOf('a one', 'a two', 'a three'), slow));
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
    expect(seen).toEqual(['a one']);
  });
});

describe('as a whole batch', () => {
  test('unreadable records are put aside first, the others come together in order', async () => {
    const deadLetters = memoryDeadLetters();
    const batches: string[][] = [];
    const handler = kinesisHandler({
      decode,
      deadLetters,
      processBatch: async (records) => void batches.push(records.map(({ value }) => value)),
    });
    const response = await quietly(() =>
      handler(eventOf('b one', 'a unreadable', 'a two'), context),
    );
    expect(response).toEqual({ batchItemFailures: [] });
    expect(batches).toEqual([['b one', 'a two']]);
    expect(deadLetters.all()).toHaveLength(1);
  });

  test('an unreadable record that cannot be put aside comes again with all after it', async () => {
    const batches: string[][] = [];
    const handler = kinesisHandler({
      decode,
      deadLetters: { addOnce: () => Promise.reject(new TransientError('busy', 'Try again.')) },
      processBatch: async (records) => void batches.push(records.map(({ value }) => value)),
    });
    const response = await quietly(() =>
      handler(eventOf('b one', 'a unreadable', 'b two'), context),
    );
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
    expect(batches).toEqual([['b one']]);
  });

  test('a BatchFailure retries from its record', async () => {
    const handler = kinesisHandler({
      decode,
      deadLetters: memoryDeadLetters(),
      processBatch: async () => {
        throw new BatchFailure('2', new TransientError('busy', 'Try again.'));
      },
    });
    const response = await quietly(() => handler(eventOf('a one', 'a two'), context));
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
  });

  test('any other error fails the whole batch', async () => {
    const failure = new TransientError('busy', 'Try again.');
    const handler = kinesisHandler({
      decode,
      deadLetters: memoryDeadLetters(),
      processBatch: () => Promise.reject(failure),
    });
    await quietly(() => expect(handler(eventOf('a one'), context)).rejects.toBe(failure));
  });

  test('a record that the rules refuse can be put aside by the processor', async () => {
    const deadLetters = memoryDeadLetters();
    const handler = kinesisHandler({
      decode,
      deadLetters,
      processBatch: async (records, _invocation, putAside) => {
        for (const record of records) {
          if (record.value === 'a bad') {
            await putAside(record, new PermanentError('refused', 'It is refused.'));
          }
        }
      },
    });
    await quietly(() => handler(eventOf('a bad', 'a good'), context));
    expect(deadLetters.all()).toMatchObject([
      { id: 'shardId-000000000006:1', reason: { code: 'refused' } },
    ]);
  });
});

test('the metrics say how many records came, were put aside and will come again', async () => {
  const handler = kinesisHandler({
    decode,
    deadLetters: memoryDeadLetters(),
    process: async ({ value }) => {
      if (value === 'b busy') throw new TransientError('busy', 'Try again.');
    },
  });
  const lines = await capturedLines(() =>
    handler(eventOf('a unreadable', 'b busy', 'c fine'), context),
  );
  expect(lines.find((line) => '_aws' in line)).toMatchObject({
    RecordsReceived: 3,
    RecordsDeadLettered: 1,
    RecordsRetried: 1,
  });
});

test('no log line holds the content of a record', async () => {
  const handler = kinesisHandler({
    decode,
    deadLetters: memoryDeadLetters(),
    process: () => Promise.reject(new TransientError('busy', 'Try again.')),
  });
  const lines = await capturedLines(() =>
    handler(eventOf('a unreadable name@example.com', 'b name@example.com'), context),
  );
  expect(lines.length).toBeGreaterThan(0);
  expect(JSON.stringify(lines)).not.toContain('example.com');
});
