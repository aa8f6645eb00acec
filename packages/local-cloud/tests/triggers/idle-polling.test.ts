import { expect, it } from 'vitest';
import type { StreamRecord } from '../../src/triggers/streams/shard-source.ts';
import { startShardWorker } from '../../src/triggers/streams/shard-worker.ts';
import { makeRecords } from './records.ts';
import { createVirtualClock } from './virtual-clock.ts';

/** A shard that is read every second, and every four while nothing happens. */
function startWorker(tumblingWindowMs = 0) {
  const clock = createVirtualClock();
  const start = clock.now();
  const waiting: StreamRecord[] = [];
  const readAt: number[] = [];
  const delivered: string[] = [];
  const worker = startShardWorker({
    place: { shardId: 'shardId-0', streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s' },
    functionName: 'consumer',
    remembered: [],
    reader: {
      async read() {
        readAt.push((clock.now() - start) / 1_000);
        return { records: waiting.splice(0), ended: false };
      },
    },
    readLimit: 100,
    pollIntervalMs: 1_000,
    idlePollIntervalMs: 4_000,
    lanes: 1,
    settings: {
      batchSize: 10,
      batchWindowMs: 0,
      maximumRetryAttempts: -1,
      maximumRecordAgeMs: -1,
      bisectBatchOnFunctionError: false,
      reportBatchItemFailures: false,
      retentionMs: Number.POSITIVE_INFINITY,
      maximumPayloadBytes: 6_000_000,
      envelopeBytes: 14,
      tumblingWindowMs,
      backoffMs: { first: 10, last: 100 },
    },
    filter: () => true,
    giveUp: async () => undefined,
    clock,
    invoker: {
      async invoke(_name, payload) {
        const { Records } = JSON.parse(payload) as { Records: { sequenceNumber: string }[] };
        delivered.push(...Records.map(({ sequenceNumber }) => sequenceNumber));
        return { kind: 'success', payload: { state: {} }, requestId: 'request' };
      },
    },
    commit: () => undefined,
    report: () => undefined,
  });
  const put = (count: number) => waiting.push(...makeRecords(count, { arrivedAt: clock.now() }));
  return { clock, worker, readAt, delivered, put };
}

it('reads a shard at rest less and less often, down to the stated rate', async () => {
  const { clock, worker, readAt } = startWorker();
  await clock.advance(20_000);
  expect(readAt).toEqual([0, 1, 3, 7, 11, 15, 19]);
  worker.stop();
});

it('reads at once when it is told of a write, and at the usual rate again after it', async () => {
  const { clock, worker, readAt, delivered, put } = startWorker();
  await clock.advance(8_000);
  readAt.length = 0;
  put(2);
  worker.nudge();
  await clock.advance(3_500);
  expect(delivered).toEqual(['1', '2']);
  // Until nothing is left, and then after one second and after two.
  expect(readAt).toEqual([8, 8, 9, 11]);
  worker.stop();
});

it('finds a record that nobody told it of', async () => {
  const { clock, worker, delivered, put } = startWorker();
  await clock.advance(8_000);
  put(1);
  await clock.advance(4_000);
  expect(delivered).toEqual(['1']);
  worker.stop();
});

it('does not slow down while a tumbling window is open', async () => {
  const { clock, worker, readAt, put } = startWorker(60_000);
  put(1);
  await clock.advance(10_000);
  expect(readAt).toEqual([0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  worker.stop();
});
