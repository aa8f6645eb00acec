import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { InvokeResult } from '../../src/ports.ts';
import { startShardWorker } from '../../src/triggers/streams/shard-worker.ts';
import { makeRecords } from './records.ts';
import { createVirtualClock } from './virtual-clock.ts';

interface Record {
  sequenceNumber: string;
}

/**
 * A shard is read by worker after worker, each ended like by `kill -9` after some invocations: the
 * answer to the last one is lost, and the next worker knows nothing but the stored checkpoint.
 */
it('loses nothing and keeps the order per key, whatever fails and whenever it is killed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        keys: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 25 }),
        lanes: fc.integer({ min: 1, max: 4 }),
        batchSize: fc.integer({ min: 1, max: 6 }),
        bisect: fc.boolean(),
        report: fc.boolean(),
        answers: fc.array(fc.constantFrom('ok', 'error', 'throttled', 'lowest'), { maxLength: 30 }),
        kills: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 4 }),
        filterOut: fc.integer({ min: 0, max: 3 }),
      }),
      async (plan) => {
        const clock = createVirtualClock();
        const records = makeRecords(plan.keys.length, {
          arrivedAt: clock.now(),
          key: (index) => `key-${plan.keys[index]}`,
        });
        const keyOf = new Map(records.map((r) => [r.sequenceNumber, r.orderingKey]));
        const isWanted = (sequence: string) => keyOf.get(sequence) !== `key-${plan.filterOut}`;
        const succeeded = new Set<string>();
        const order = new Map<string, number[]>();
        const answers = [...plan.answers];
        let checkpoint = 0;

        for (const invocationsToLive of [...plan.kills, Number.POSITIVE_INFINITY]) {
          let left = invocationsToLive;
          let alive = true;
          let position = checkpoint;
          const worker = startShardWorker({
            place: {
              shardId: 'shardId-000000000000',
              streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/events',
            },
            functionName: 'consumer',
            remembered: [],
            reader: {
              async read(limit) {
                const batch = records.slice(position, position + Math.min(limit, 7));
                position += batch.length;
                return { records: batch, ended: position === records.length };
              },
            },
            readLimit: 100,
            pollIntervalMs: 1000,
            lanes: plan.lanes,
            settings: {
              batchSize: plan.batchSize,
              batchWindowMs: 0,
              maximumRetryAttempts: -1,
              maximumRecordAgeMs: -1,
              bisectBatchOnFunctionError: plan.bisect,
              reportBatchItemFailures: plan.report,
              retentionMs: Number.POSITIVE_INFINITY,
              maximumPayloadBytes: 6_000_000,
              envelopeBytes: 14,
              tumblingWindowMs: 0,
              backoffMs: { first: 10, last: 100 },
            },
            filter: (record) => isWanted(record.sequenceNumber),
            giveUp: async () => undefined,
            clock,
            invoker: {
              async invoke(_name, payload): Promise<InvokeResult> {
                await clock.sleep(5);
                if (!alive) return { kind: 'unavailable' };
                const batch = (JSON.parse(payload) as { Records: Record[] }).Records;
                const answer = answers.shift() ?? 'ok';
                if (answer === 'throttled') return { kind: 'throttled' };
                const requestId = 'request';
                const done =
                  answer === 'ok'
                    ? batch
                    : answer === 'lowest' && plan.report
                      ? batch.slice(0, -1)
                      : [];
                const ignored = answer === 'lowest' && !plan.report;
                for (const { sequenceNumber } of ignored ? batch : done) {
                  succeeded.add(sequenceNumber);
                  const key = keyOf.get(sequenceNumber) ?? '';
                  order.set(key, [...(order.get(key) ?? []), Number(sequenceNumber)]);
                }
                left -= 1;
                if (left === 0) {
                  alive = false;
                  worker.stop();
                }
                if (answer === 'error')
                  return { kind: 'function-error', payload: null, requestId, timedOut: false };
                const last = batch.at(-1)?.sequenceNumber;
                const batchItemFailures = answer === 'lowest' ? [{ itemIdentifier: last }] : [];
                return { kind: 'success', payload: { batchItemFailures }, requestId };
              },
            },
            commit({ checkpoint: sequenceNumber }) {
              // A killed process stores nothing any more.
              if (!alive || sequenceNumber === undefined) return;
              const reached = Number(sequenceNumber);
              expect(reached).toBeGreaterThan(checkpoint);
              for (const record of records.slice(0, reached)) {
                const { sequenceNumber: sequence } = record;
                expect(succeeded.has(sequence) || !isWanted(sequence)).toBe(true);
              }
              checkpoint = reached;
            },
            report: () => undefined,
          });
          let over = false;
          void worker.finished.then(() => {
            over = true;
          });
          await clock.advanceUntil(() => over);
        }

        expect(checkpoint).toBe(records.length);
        for (const [key, delivered] of order) {
          const expected = records
            .filter((r) => r.orderingKey === key)
            .map((r) => Number(r.sequenceNumber));
          // Restarts repeat, but a record is never seen for the first time before its predecessor.
          expect([...new Set(delivered)]).toEqual(key === `key-${plan.filterOut}` ? [] : expected);
        }
        const wanted = records.filter((r) => isWanted(r.sequenceNumber));
        expect(succeeded.size).toBe(wanted.length);
      },
    ),
    { numRuns: 150 },
  );
});
