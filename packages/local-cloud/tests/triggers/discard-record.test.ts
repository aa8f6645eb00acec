import { expect, it } from 'vitest';
import { discardRecord } from '../../src/triggers/streams/discard-record.ts';
import type { Discard } from '../../src/triggers/streams/segment.ts';
import { makeRecords } from './records.ts';
import { sample, shape } from './shape.ts';

const discard: Discard = {
  condition: 'RetryAttemptsExhausted',
  records: makeRecords(3, { arrivedAt: Date.UTC(2026, 0, 5, 12, 0, 0, 123) }),
  invokeCount: 3,
  lastFailure: { requestId: 'failed', functionError: true },
};

const details = {
  functionName: 'consume',
  shardId: 'shardId-000000000001',
  streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/events',
  requestId: 'made-up',
  now: Date.UTC(2026, 0, 5, 13),
};

it('names what was discarded like AWS, without its content', () => {
  const record = JSON.parse(discardRecord({ ...details, kind: 'kinesis', discard })) as unknown;
  expect(shape(record)).toEqual(shape(sample('kinesis-discard')));
  expect(record).toMatchObject({
    requestContext: { requestId: 'failed', approximateInvokeCount: 3 },
    KinesisBatchInfo: { startSequenceNumber: '1', endSequenceNumber: '3', batchSize: 3 },
  });
});

it('writes arrival times of DynamoDB in whole seconds', () => {
  const record = JSON.parse(discardRecord({ ...details, kind: 'dynamodb', discard })) as unknown;
  expect(shape(record)).toEqual(shape(sample('dynamodb-discard')));
});

it('has no response of a batch that only grew too old', () => {
  const tooOld: Discard = { ...discard, condition: 'RecordAgeExceeded', lastFailure: undefined };
  const record = JSON.parse(discardRecord({ ...details, kind: 'kinesis', discard: tooOld }));
  expect(record).not.toHaveProperty('responseContext');
  expect(record.requestContext).toMatchObject({
    requestId: 'made-up',
    condition: 'RecordAgeExceeded',
  });
});
