import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { InvokeResult } from '../../src/ports.ts';
import { type CloudState, openState } from '../../src/state.ts';
import {
  type CheckpointStore,
  createCheckpointStore,
} from '../../src/triggers/streams/checkpoint-store.ts';
import type { LaneSettings } from '../../src/triggers/streams/lane.ts';
import { startShardWorker } from '../../src/triggers/streams/shard-worker.ts';
import { makeRecords } from './records.ts';
import { createVirtualClock } from './virtual-clock.ts';

const PLACE = {
  shardId: 'shardId-000000000000',
  streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/events',
};

let dir: string;
let state: CloudState;
let store: CheckpointStore;
let mappings = 0;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-restarts-'));
  state = openState(dir);
  store = createCheckpointStore(state);
});
afterAll(() => {
  state.close();
  rmSync(dir, { recursive: true });
});

interface Event {
  readonly Records: readonly { readonly sequenceNumber: string }[];
  readonly window?: { readonly start: string };
  readonly state?: { readonly seen?: readonly number[] };
  readonly isFinalInvokeForWindow?: boolean;
}

const planArbitrary = fc.record({
  keys: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 25 }),
  /** Milliseconds between two arrivals. */
  pace: fc.constantFrom(0, 150),
  /** How the workers are set up, life after life; the last one lives on. */
  lives: fc.array(
    fc.record({
      lanes: fc.integer({ min: 1, max: 4 }),
      batchSize: fc.integer({ min: 1, max: 6 }),
      bisectBatchOnFunctionError: fc.boolean(),
      reportBatchItemFailures: fc.boolean(),
      /** Killed at this invocation, after the function did its work, before its answer. */
      invocations: fc.integer({ min: 1, max: 6 }),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  sameSettings: fc.boolean(),
  windows: fc.boolean(),
  answers: fc.array(fc.constantFrom('ok', 'error', 'throttled', 'last'), { maxLength: 30 }),
  maximumRetryAttempts: fc.constantFrom(0, 1, 2),
  poison: fc.option(fc.integer({ min: 1, max: 25 }), { nil: undefined }),
  filterOut: fc.integer({ min: 0, max: 5 }),
});

/**
 * A shard is read by worker after worker, each ended like by `kill -9` after some invocations: the
 * answer to the last one is lost, and the next worker knows nothing but what was stored.
 */
it('loses nothing, keeps the order per key and gives a poison record up, whenever it is killed', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(planArbitrary, async (plan) => {
      const clock = createVirtualClock(0);
      const records = makeRecords(plan.keys.length, {
        key: (index) => `key-${plan.keys[index]}`,
      }).map((record, index) => ({ ...record, arrivedAt: index * plan.pace }));
      const keyOf = (sequence: string) => records[Number(sequence) - 1]?.orderingKey ?? '';
      const isWanted = (sequence: string) => keyOf(sequence) !== `key-${plan.filterOut}`;
      mappings += 1;
      const mapping = `mapping-${mappings}`;
      store.begin(mapping, 'stream', [
        { shardId: PLACE.shardId, position: { kind: 'trim-horizon' }, ended: false },
      ]);
      const succeeded = new Set<string>();
      const givenUp = new Set<string>();
      /** First deliveries, by key. */
      const order = new Map<string, string[]>();
      const finals = new Map<string, readonly number[]>();
      const failures = new Map<string, number>();
      const answers = [...plan.answers];
      const [first] = plan.lives;
      const lives = plan.sameSettings && first ? plan.lives.map(() => first) : plan.lives;
      let kills = 0;

      for (const [index, life] of lives.entries()) {
        const isLast = index === lives.length - 1;
        const lanes = plan.windows ? 1 : life.lanes;
        const settings: LaneSettings = {
          ...{ batchSize: life.batchSize, batchWindowMs: 0, maximumRecordAgeMs: -1 },
          maximumRetryAttempts: plan.maximumRetryAttempts,
          retentionMs: Number.POSITIVE_INFINITY,
          bisectBatchOnFunctionError: life.bisectBatchOnFunctionError,
          reportBatchItemFailures: life.reportBatchItemFailures,
          ...{ maximumPayloadBytes: 6_000_000, envelopeBytes: 200 },
          tumblingWindowMs: plan.windows ? 1_000 : 0,
          backoffMs: { first: 10, last: 100 },
        };
        let left = isLast ? Number.POSITIVE_INFINITY : life.invocations;
        let alive = true;
        let over = false;
        let position = stored(mapping);

        const answer = (event: Event): InvokeResult => {
          const batch = event.Records.map(({ sequenceNumber }) => sequenceNumber);
          const poisoned = batch.includes(String(plan.poison));
          const kind = poisoned ? 'error' : (answers.shift() ?? 'ok');
          const requestId = 'request';
          if (kind === 'throttled') return { kind: 'throttled' };
          if (kind === 'error') {
            return { kind: 'function-error', payload: null, requestId, timedOut: false };
          }
          const last = batch.at(-1);
          const batchItemFailures = kind === 'last' && last ? [{ itemIdentifier: last }] : [];
          const cut =
            batchItemFailures.length > 0 && settings.reportBatchItemFailures ? -1 : undefined;
          const seen = [...(event.state?.seen ?? []), ...batch.slice(0, cut).map(Number)];
          if (event.isFinalInvokeForWindow && event.window) finals.set(event.window.start, seen);
          return { kind: 'success', payload: { batchItemFailures, state: { seen } }, requestId };
        };

        const worker = startShardWorker({
          place: PLACE,
          functionName: 'consumer',
          lanes,
          settings,
          remembered: rememberedBy(mapping, lanes),
          reader: {
            async read(limit) {
              const batch = records.slice(position, position + Math.min(limit, 7));
              position += batch.length;
              return { records: batch, ended: position === records.length };
            },
          },
          ...{ readLimit: 100, pollIntervalMs: 1_000, clock, report: () => undefined },
          filter: (record) => isWanted(record.sequenceNumber),
          async giveUp({ records: gone }) {
            if (alive) for (const { sequenceNumber } of gone) givenUp.add(sequenceNumber);
          },
          invoker: {
            async invoke(_name, payload): Promise<InvokeResult> {
              await clock.sleep(5);
              if (!alive) return { kind: 'unavailable' };
              const event = JSON.parse(payload) as Event;
              for (const { sequenceNumber } of event.Records) {
                const key = keyOf(sequenceNumber);
                const before = order.get(key) ?? [];
                if (!before.includes(sequenceNumber)) order.set(key, [...before, sequenceNumber]);
              }
              const result = answer(event);
              if (result.kind === 'success') {
                for (const sequence of successes(result, event, settings)) succeeded.add(sequence);
              } else if (result.kind === 'function-error') {
                for (const { sequenceNumber } of event.Records) {
                  failures.set(sequenceNumber, (failures.get(sequenceNumber) ?? 0) + 1);
                }
              }
              left -= 1;
              if (left === 0) {
                alive = false;
                kills += 1;
                worker.stop();
              }
              return result;
            },
          },
          commit(step) {
            // A killed process stores nothing any more.
            if (!alive) return;
            const before = stored(mapping);
            store.commit(mapping, PLACE.shardId, step);
            const reached = stored(mapping);
            expect(reached).toBeGreaterThanOrEqual(before);
            for (const { sequenceNumber } of records.slice(before, reached)) {
              const isDone = succeeded.has(sequenceNumber) || givenUp.has(sequenceNumber);
              expect(isDone || !isWanted(sequenceNumber)).toBe(true);
            }
          },
        });
        void worker.finished.then(() => {
          over = true;
        });
        await clock.advanceUntil(() => over);
      }

      const wanted = records.filter((record) => isWanted(record.sequenceNumber));
      expect(stored(mapping)).toBe(records.length);
      expect(
        wanted.filter(({ sequenceNumber: n }) => !succeeded.has(n) && !givenUp.has(n)),
      ).toEqual([]);
      // Restarts repeat, but a record is never seen for the first time before its predecessor.
      for (const [key, delivered] of order) {
        const inOrder = wanted.filter((record) => record.orderingKey === key);
        expect(delivered).toEqual(inOrder.map((record) => record.sequenceNumber));
      }
      if (plan.windows) {
        // The state is stored with the checkpoint: each success is in the end of exactly one window.
        const inStates = [...finals.values()].flat().toSorted((a, b) => a - b);
        const counted = wanted.map(({ sequenceNumber }) => Number(sequenceNumber));
        expect(inStates).toEqual(counted.filter((n) => !givenUp.has(String(n))));
      }
      if (plan.sameSettings) {
        // Lost answers may repeat a try; splits and partial successes cost none; nothing else does.
        const most = plan.maximumRetryAttempts + 1 + 2 * 6 + kills;
        for (const count of failures.values()) expect(count).toBeLessThanOrEqual(most);
      }
    }),
    { numRuns: 500 },
  );
});

function stored(mapping: string): number {
  const position = store.shards(mapping)[0]?.position;
  return position?.kind === 'after' ? Number(position.sequenceNumber) : 0;
}

function rememberedBy(mapping: string, lanes: number) {
  const remembered = store.lanes(mapping, PLACE.shardId);
  return remembered.length === lanes ? remembered : [];
}

function successes(
  result: Extract<InvokeResult, { kind: 'success' }>,
  event: Event,
  settings: LaneSettings,
): string[] {
  const { batchItemFailures } = result.payload as { batchItemFailures: unknown[] };
  const failed = settings.reportBatchItemFailures ? batchItemFailures.length : 0;
  const batch = event.Records.map(({ sequenceNumber }) => sequenceNumber);
  return batch.slice(0, batch.length - failed);
}
