import * as z from 'zod/mini';

/**
 * What a fault plan may say. Every field but `seed` may be missing: nothing is injected then. Of a
 * list, the first entry whose globs (`*` any text, `?` one character) match applies.
 */

const chance = () => z._default(z.number().check(z.minimum(0), z.maximum(1)), 0);
const glob = () => z._default(z.string().check(z.minLength(1)), '*');

/** From … to, both included, in milliseconds. */
const span = (least: number) =>
  z
    .tuple([z.number().check(z.minimum(least)), z.number().check(z.minimum(least))])
    .check(z.refine(([from, to]) => from <= to, 'the first number must not be above the second'));

const nothing: [number, number] = [0, 0];

/** Whole invocations. The five chances are of one draw: together they must not exceed 1. */
const InvocationFaults = z
  .strictObject({
    function: glob(),
    /** Refused for want of concurrency: uses up no attempt. */
    throttle: chance(),
    /** Fails before the handler runs: a function error. */
    error: chance(),
    /** Dies in the middle: what it did so far stays, nothing comes after; a function error. */
    kill: chance(),
    /** Runs to its end, and its answer is lost: delivered again, no attempt used up. */
    loseAnswer: chance(),
    /** Dies in the middle and is told as a timeout (which strikes at once, not after its seconds). */
    timeout: chance(),
    /** Before the handler runs. */
    latencyMs: z._default(span(0), nothing),
    /** When `kill` and `timeout` strike, counted from the start of the handler. */
    strikeAfterMs: z._default(span(0), [0, 100]),
  })
  .check(
    z.refine(
      (entry) =>
        entry.throttle + entry.error + entry.kill + entry.loseAnswer + entry.timeout <= 1 + 1e-9,
      'throttle, error, kill, loseAnswer and timeout together must not exceed 1',
    ),
  );

/** Asynchronous invocations: S3 events, IoT rules' actions, schedules, `Event` invocations. */
const NotificationFaults = z.strictObject({
  function: glob(),
  /** Delivered twice. */
  duplicate: chance(),
  /** Held back for up to `reorderWithinMs`, so that later ones overtake it. */
  reorder: chance(),
  reorderWithinMs: z._default(span(0), [100, 1_000]),
  /** Every delivery comes so much later. */
  delayMs: z._default(span(0), nothing),
});

/** Standard queues; a FIFO queue neither repeats nor reorders, and is left alone. */
const QueueFaults = z.strictObject({
  queue: glob(),
  /** A deletion does not stick: the same message (same id) is received once more. */
  duplicate: chance(),
  /** A message that is sent becomes visible late, so that later ones overtake it. */
  reorder: chance(),
  reorderWithinMs: z._default(span(0), [100, 1_000]),
});

const KinesisFaults = z.strictObject({
  stream: glob(),
  /** One record of a PutRecords (or the PutRecord) is refused: throughput exceeded. */
  putFailure: chance(),
});

/** Calls of AWS APIs at the edge. The three chances are of one draw. */
const ApiFaults = z
  .strictObject({
    service: z._default(
      z.enum([
        '*',
        'dynamodb',
        'dynamodb-streams',
        'kinesis',
        'sqs',
        'sns',
        's3',
        'lambda',
        'iot-data',
        'cognito',
      ]),
      '*',
    ),
    /** The operation's name (`PutItem`); for S3 the method (`GET`). */
    operation: glob(),
    /** Refused by the service's own throttling error: nothing happened. */
    throttle: chance(),
    /** A server error before anything happened. */
    fail: chance(),
    /** It happened, and the answer was lost: the connection is cut, or a server error comes. */
    failAfter: chance(),
    latencyMs: z._default(span(0), nothing),
  })
  .check(
    z.refine(
      (entry) => entry.throttle + entry.fail + entry.failAfter <= 1 + 1e-9,
      'throttle, fail and failAfter together must not exceed 1',
    ),
  );

const ClockFaults = z.strictObject({
  /** How far the clocks of the services' processes are off; one draw for each service. */
  skewMs: z._default(span(Number.NEGATIVE_INFINITY), nothing),
});

export const FaultPlan = z.strictObject({
  /** Whole number: the same seed makes the same decisions. */
  seed: z.int().check(z.nonnegative()),
  invocations: z._default(z.array(InvocationFaults), []),
  notifications: z._default(z.array(NotificationFaults), []),
  queues: z._default(z.array(QueueFaults), []),
  kinesis: z._default(z.array(KinesisFaults), []),
  api: z._default(z.array(ApiFaults), []),
  clock: z._default(ClockFaults, { skewMs: nothing }),
});

/** A plan with every default filled in. */
export type FaultPlan = z.output<typeof FaultPlan>;
/** A plan as a person writes it. */
export type FaultPlanInput = z.input<typeof FaultPlan>;
