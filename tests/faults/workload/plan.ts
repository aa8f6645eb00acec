import fc from 'fast-check';
import type { FaultPlanInput } from '../../../packages/local-cloud/src/faults/index.ts';
import type { StopMode } from '../host/messages.ts';

/** Everything that goes wrong in one run. */
export interface Trouble {
  readonly plan: FaultPlanInput;
  readonly stops: StopMode;
}

/** Half of the kinds of faults at a time: a plan full of one kind reaches what a mixture hides. */
const chance = (most: number) =>
  fc.oneof(
    fc.constant(0),
    fc.integer({ min: 1, max: 100 }).map((share) => (share / 100) * most),
  );
const upTo = (most: number) =>
  fc.integer({ min: 0, max: most }).map((top): [number, number] => [0, top]);

const invocations = fc.record({
  throttle: chance(0.15),
  error: chance(0.1),
  kill: chance(0.25),
  loseAnswer: chance(0.2),
  timeout: chance(0.1),
  latencyMs: upTo(100),
  strikeAfterMs: upTo(60),
});
const notifications = fc.record({
  duplicate: chance(0.5),
  reorder: chance(0.5),
  reorderWithinMs: fc.constant<[number, number]>([10, 2_000]),
  delayMs: upTo(500),
});
const api = fc.record({
  throttle: chance(0.12),
  fail: chance(0.08),
  failAfter: chance(0.12),
  latencyMs: upTo(5),
});

/** One operation that hardly works, so that a client's own retries do not hide it from the handler. */
const ailing = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.record({
      operation: fc.constantFrom(
        ...['PutItem', 'GetItem', 'UpdateItem', 'TransactWriteItems', 'BatchWriteItem'],
        ...['PutRecords', 'PUT'],
      ),
      throttle: fc.constantFrom(0, 0.2, 0.5),
      fail: fc.constantFrom(0, 0.1),
      failAfter: fc.constantFrom(0, 0.2),
    }),
  },
);

const skew = fc.integer({ min: 0, max: 300_000 });

export const trouble: fc.Arbitrary<Trouble> = fc
  .record({
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    invocations,
    notifications,
    queues: fc.record({ duplicate: chance(0.3) }),
    kinesis: fc.record({ putFailure: chance(0.4) }),
    api,
    ailing,
    skew,
    /** A death of the whole process costs a start: one run in eight. */
    stops: fc.constantFrom<StopMode>(...Array<StopMode>(7).fill('calls'), 'process'),
  })
  .map(({ seed, stops, skew: skewMs, ...kinds }) => ({
    stops,
    plan: {
      seed,
      invocations: [kinds.invocations],
      notifications: [kinds.notifications],
      queues: [kinds.queues],
      kinesis: [kinds.kinesis],
      api: [...(kinds.ailing ? [kinds.ailing] : []), kinds.api],
      clock: { skewMs: [-skewMs, skewMs] as [number, number] },
    },
  }));
