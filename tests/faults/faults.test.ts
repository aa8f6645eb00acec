import { beforeAll, expect, it } from 'vitest';
import { describeFailure, summaryOf } from './report.ts';
import { runOnWorkers } from './run-workers.ts';
import type { SeedResult } from './session.ts';

/** `npm run test:faults` runs as many as one likes; see docs/faults-and-time.md. */
const SEEDS = 60;

let results: readonly SeedResult[];

beforeAll(async () => {
  const seeds = Array.from({ length: SEEDS }, (_, at) => at + 1);
  results = await runOnWorkers(seeds, 2, () => {});
}, 900_000);

it('what is stored is what was sent, to the unit, whatever the plan does', () => {
  const failures = results.filter(({ mismatches }) => mismatches.length > 0);
  expect(failures.map(describeFailure)).toEqual([]);
  expect(results).toHaveLength(SEEDS);
});

it('the plans did what they say: every kind of fault was injected', () => {
  const { injected, sent } = summaryOf(results);
  expect(sent).toBeGreaterThan(10 * SEEDS);
  for (const kind of [
    'invocations.throttle',
    'invocations.error',
    'invocations.kill',
    'invocations.loseAnswer',
    'invocations.timeout',
    'notifications.duplicate',
    'notifications.reorder',
    'kinesis.putFailure',
    'api.throttle',
    'api.fail',
    'api.failAfter',
    'processes.killed',
  ]) {
    expect(injected[kind], kind).toBeGreaterThan(0);
  }
});
