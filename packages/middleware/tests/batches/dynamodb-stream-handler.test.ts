import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dynamodbStreamHandler, PermanentError, TransientError } from '../../src/index.ts';
import { lambdaContext, memoryDeadLetters } from '../../src/testing/index.ts';
import { capturedLines } from '../support/captured-lines.ts';

const captured = JSON.parse(
  readFileSync(new URL('../samples/dynamodb-stream-event.json', import.meta.url), 'utf8'),
);
const context = lambdaContext('millrace-etl-local-loadOrders');

test('reads a captured event: the changes of an item in order', async () => {
  const seen: unknown[] = [];
  const handler = dynamodbStreamHandler({
    deadLetters: memoryDeadLetters(),
    process: async (record) => {
      seen.push([record.value.eventName, record.sequenceNumber, record.arrivedAt]);
      expect(record.partitionKey).toBe('[["Id",{"N":"101"}]]');
      expect(record.shardId).toBe('2015-06-27T00:48:05.899');
    },
  });
  await capturedLines(async () => {
    expect(await handler(captured, context)).toEqual({ batchItemFailures: [] });
  });
  expect(seen).toEqual([
    ['INSERT', '4421584500000000017450439091', '2015-04-09T00:00:00.000Z'],
    ['MODIFY', '4421584500000000017450439092', '2015-04-09T00:00:00.000Z'],
    ['REMOVE', '4421584500000000017450439093', '2015-04-09T00:00:00.000Z'],
  ]);
});

test('a failed change holds up the later changes of its item', async () => {
  const seen: unknown[] = [];
  const handler = dynamodbStreamHandler({
    deadLetters: memoryDeadLetters(),
    process: async ({ value }) => {
      seen.push(value.eventName);
      if (value.eventName === 'MODIFY') throw new TransientError('busy', 'Try again.');
    },
  });
  await capturedLines(async () => {
    expect(await handler(captured, context)).toEqual({
      batchItemFailures: [{ itemIdentifier: '4421584500000000017450439092' }],
    });
  });
  expect(seen).toEqual(['INSERT', 'MODIFY']);
});

test('a change that the rules refuse is kept whole', async () => {
  const deadLetters = memoryDeadLetters();
  const handler = dynamodbStreamHandler({
    deadLetters,
    process: async ({ value }) => {
      if (value.eventName === 'INSERT') throw new PermanentError('refused', 'It is refused.');
    },
  });
  await capturedLines(() => handler(captured, context));
  const [letter] = deadLetters.all();
  expect(letter).toMatchObject({
    id: 'c4ca4238a0b923820dcc509a6f75849b',
    reason: { code: 'refused' },
    attributes: { eventName: 'INSERT', sequenceNumber: '4421584500000000017450439091' },
  });
  expect(JSON.parse(Buffer.from(letter?.payload ?? []).toString())).toEqual(captured.Records[0]);
});
