import type { FaultPlanInput } from '../../../packages/local-cloud/src/faults/plan.ts';

/** What goes wrong all the time, beside the kills and the resharding. */
export function planOf(seed: number): FaultPlanInput {
  return {
    seed,
    invocations: [
      {
        function: 'millrace-stream-analytics-*',
        ...{ throttle: 0.02, error: 0.01, kill: 0.01, timeout: 0.005, loseAnswer: 0.01 },
        strikeAfterMs: [0, 300],
      },
    ],
    kinesis: [{ stream: '*', putFailure: 0.01 }],
    api: [
      { service: 'dynamodb', throttle: 0.003, fail: 0.002, failAfter: 0.002 },
      { service: 's3', throttle: 0.002, fail: 0.002, failAfter: 0.002 },
      {
        service: 'kinesis',
        operation: 'PutRecords',
        throttle: 0.01,
        fail: 0.005,
        failAfter: 0.005,
      },
    ],
  };
}
