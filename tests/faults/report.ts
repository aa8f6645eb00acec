import type { SeedResult } from './session.ts';
import { scenarioOf } from './workload/scenario.ts';

export interface Summary {
  readonly seeds: number;
  readonly failed: readonly number[];
  readonly sent: number;
  readonly givenUp: number;
  readonly injected: Readonly<Record<string, number>>;
}

export function summaryOf(results: readonly SeedResult[]): Summary {
  const injected: Record<string, number> = {};
  for (const result of results) {
    for (const [kind, count] of Object.entries(result.injected)) {
      injected[kind] = (injected[kind] ?? 0) + count;
    }
  }
  const sum = (numberOf: (result: SeedResult) => number) =>
    results.reduce((total, result) => total + numberOf(result), 0);
  return {
    seeds: results.length,
    failed: results.filter(({ mismatches }) => mismatches.length > 0).map(({ seed }) => seed),
    sent: sum(({ sent }) => sent),
    givenUp: sum(({ givenUp }) => givenUp),
    injected: Object.fromEntries(Object.entries(injected).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** All that somebody needs to look for the reason. */
export function describeFailure({ seed, mismatches }: SeedResult): string {
  const { plan, stops } = scenarioOf(seed);
  return [
    `seed ${seed} does not reconcile:`,
    ...mismatches.slice(0, 20).map((line) => `  ${line}`),
    ...(mismatches.length > 20 ? [`  … and ${mismatches.length - 20} more`] : []),
    `  plan: ${JSON.stringify(plan)} (stops: ${stops})`,
    `  again alone: npm run test:faults -- --seed ${seed}`,
  ].join('\n');
}
