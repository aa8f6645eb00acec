import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LaneSettings } from '../../src/triggers/streams/lane.ts';
import { type Answer, type ModelRecord, referenceModel, type Step } from './reference-model.ts';
import { runScriptedShard, scriptedRecord } from './scripted-shard.ts';

const settingsArbitrary: fc.Arbitrary<LaneSettings> = fc.record({
  batchSize: fc.integer({ min: 1, max: 8 }),
  batchWindowMs: fc.constantFrom(0, 30, 250),
  maximumRetryAttempts: fc.constantFrom(-1, 0, 1, 2, 3),
  maximumRecordAgeMs: fc.constantFrom(-1, 60, 400),
  retentionMs: fc.constantFrom(150, 700, 1_000_000),
  bisectBatchOnFunctionError: fc.boolean(),
  reportBatchItemFailures: fc.boolean(),
  maximumPayloadBytes: fc.constantFrom(400, 700, 6_000_000),
  envelopeBytes: fc.constant(150),
  tumblingWindowMs: fc.constantFrom(0, 0, 1_000),
  backoffMs: fc.constant({ first: 10, last: 80 }),
});

const answerArbitrary: fc.Arbitrary<Answer> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Answer>({ kind: 'ok' }) },
  { weight: 3, arbitrary: fc.constant<Answer>({ kind: 'error' }) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('throttled' as const, 'unavailable' as const, 'malformed' as const)
      .map((kind): Answer => ({ kind })),
  },
  { weight: 1, arbitrary: fc.constant<Answer>({ kind: 'stateless' }) },
  { weight: 3, arbitrary: fc.nat(7).map((at): Answer => ({ kind: 'partial', at })) },
);

const recordArbitrary = fc.record({
  /** Since the record before. */
  gap: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 300 })),
  padding: fc.constantFrom(0, 0, 120),
  wanted: fc.oneof(fc.constant(true), fc.constant(true), fc.boolean()),
});

/** When the shard is read; by its fraction no read falls on the instant of anything else. */
const tick = (index: number) => index * 100 + index / 1024;

it('does with every shard what the reference model does, step by step', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        settings: settingsArbitrary,
        records: fc.array(recordArbitrary, { minLength: 1, maxLength: 30 }),
        script: fc.array(answerArbitrary, { maxLength: 40 }),
        latencyMs: fc.constantFrom(0, 7, 40),
      }),
      async ({ settings, records: planned, script, latencyMs }) => {
        let at = 0;
        const records = planned.map(({ gap, padding }, index) => {
          at += gap;
          return scriptedRecord(index + 1, at, padding);
        });
        const stream: ModelRecord[] = records.map(({ arrivedAt, bytes }, index) => ({
          ...{ n: index + 1, arrivedAt, bytes },
          wanted: planned[index]?.wanted ?? true,
        }));
        const expected = referenceModel(stream, settings, script, latencyMs, tick);
        const until = expected.endsAt + 500;
        const shard = { stream, records, settings, script, latencyMs, tick, until };
        const { steps, counts } = await runScriptedShard(shard);
        expect(lines(steps)).toEqual(lines(expected.steps));
        expect(counts.delivered + counts.discarded + counts.filtered).toBe(stream.length);
      },
    ),
    { numRuns: 1_000 },
  );
});

const lines = (steps: readonly Step[]) => steps.map(({ at, what }) => `${at.toFixed(3)} ${what}`);
