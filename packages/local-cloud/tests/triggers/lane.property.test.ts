import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { InvokeResult } from '../../src/ports.ts';
import { createLane, type LaneSettings } from '../../src/triggers/streams/lane.ts';
import { makeRecords, sequences } from './records.ts';

const settingsArbitrary: fc.Arbitrary<LaneSettings> = fc.record({
  batchSize: fc.integer({ min: 1, max: 8 }),
  batchWindowMs: fc.constantFrom(0, 50),
  maximumRetryAttempts: fc.integer({ min: 0, max: 3 }),
  maximumRecordAgeMs: fc.constantFrom(-1, 400),
  bisectBatchOnFunctionError: fc.boolean(),
  reportBatchItemFailures: fc.boolean(),
  retentionMs: fc.constant(Number.POSITIVE_INFINITY),
  maximumPayloadBytes: fc.constantFrom(200, 100_000),
  envelopeBytes: fc.constant(14),
  tumblingWindowMs: fc.constant(0),
  backoffMs: fc.constant({ first: 10, last: 80 }),
});

/** What the function does at one invocation: position is relative to the batch. */
const answerArbitrary = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'success' as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'function-error' as const }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom({ kind: 'throttled' as const }, { kind: 'unavailable' as const }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('partial' as const), at: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'malformed' as const }) },
);

it('always sends the records right after the last done one, and finishes each exactly once', () => {
  fc.assert(
    fc.property(
      settingsArbitrary,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
      fc.array(answerArbitrary, { maxLength: 40 }),
      (settings, plannedArrivals, plannedAnswers) => {
        const arrivals = [...plannedArrivals];
        const script = [...plannedAnswers];
        const total = arrivals.reduce((sum, count) => sum + count, 0);
        const all = makeRecords(total);
        const lane = createLane(settings);
        const finished: number[] = [];
        const succeededOrGivenUp = new Set<number>();
        let offered = 0;
        let now = 0;

        for (let steps = 0; finished.length < total; steps += 1) {
          expect(steps).toBeLessThan(2000);
          const next = arrivals[0];
          if (next !== undefined && steps % 2 === 0) {
            arrivals.shift();
            const batch = all.slice(offered, offered + next);
            // Older first, so that only a part of a batch may be too old.
            const aged = batch.map((record, index) => ({
              ...record,
              arrivedAt: now - (batch.length - index) * 40,
            }));
            lane.offer(aged, now);
            offered += next;
          }
          const action = lane.next(now);
          if (action.kind === 'wait') {
            now = Math.max(now + 1, action.until ?? now);
          } else if (action.kind === 'discard') {
            const given = sequences(action.discard.records);
            for (const sequence of given) succeededOrGivenUp.add(sequence);
            finished.push(...sequences(lane.discarded()));
          } else {
            const batch = sequences(action.records);
            const expected = batch.map((_, index) => finished.length + 1 + index);
            expect(batch).toEqual(expected);
            expect(batch.length).toBeLessThanOrEqual(settings.batchSize);
            const answer = script.shift() ?? { kind: 'success' as const };
            const { result, succeeded } = perform(answer, batch, settings);
            for (const sequence of succeeded) succeededOrGivenUp.add(sequence);
            now += 7;
            finished.push(...sequences(lane.answered(result, now).done));
          }
          // Nothing is done (and so checkpointed) that neither succeeded nor was given up.
          expect(finished.every((sequence) => succeededOrGivenUp.has(sequence))).toBe(true);
        }
        expect(finished).toEqual(all.map((_, index) => index + 1));
        expect(lane.load).toEqual({ records: 0, bytes: 0, failures: 0 });
      },
    ),
    { numRuns: 500 },
  );
});

/** The result, and which records AWS regards as succeeded by it. */
function perform(
  answer: { kind: string; at?: number },
  batch: number[],
  settings: LaneSettings,
): { result: InvokeResult; succeeded: number[] } {
  const answered = { requestId: 'request', payload: null };
  switch (answer.kind) {
    case 'throttled':
    case 'unavailable':
      return { result: { kind: answer.kind }, succeeded: [] };
    case 'function-error':
      return { result: { kind: 'function-error', timedOut: false, ...answered }, succeeded: [] };
    case 'partial': {
      const at = (answer.at ?? 0) % batch.length;
      const batchItemFailures = [{ itemIdentifier: String(batch[at]) }];
      const succeeded = settings.reportBatchItemFailures ? batch.slice(0, at) : batch;
      return {
        result: { kind: 'success', requestId: 'r', payload: { batchItemFailures } },
        succeeded,
      };
    }
    case 'malformed': {
      const payload = { batchItemFailures: [{ itemIdentifier: 'not-in-the-batch' }] };
      const succeeded = settings.reportBatchItemFailures ? [] : batch;
      return { result: { kind: 'success', requestId: 'r', payload }, succeeded };
    }
    default:
      return { result: { kind: 'success', ...answered }, succeeded: batch };
  }
}
