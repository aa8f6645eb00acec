/** How many are added a second, and how large the sketches are. Run: `pnpm bench` in this folder. */
import { DDSketch } from '@datadog/sketches-js';
import { Distinct, Ewma, Quantiles, TopTerms } from '../src/index.ts';
import { randomOf } from '../tests/random.ts';

const ADDS = 1_000_000;
const ROUNDS = 7;
const SIZES = [10, 100, 1_000, 10_000];

const random = randomOf(7);
const latencies = Array.from({ length: ADDS }, () => Math.exp(3 + random.normal()));
const users = Array.from({ length: ADDS }, () => `user-${random.zipf(100_000)}`);
const terms = Array.from({ length: ADDS }, () => `#term-${random.zipf(5_000)}`);

function added<S, T>(sketch: S, things: readonly T[], add: (sketch: S, thing: T) => void): S {
  for (const thing of things) add(sketch, thing);
  return sketch;
}

const runs: Record<string, () => unknown> = {
  Quantiles: () => added(new Quantiles(), latencies, (one, value) => one.add(value)),
  'DDSketch of @datadog/sketches-js': () =>
    added(new DDSketch(), latencies, (one, value) => one.accept(value)),
  Distinct: () => added(new Distinct(), users, (one, user) => one.add(user)),
  TopTerms: () => added(new TopTerms(), terms, (one, term) => one.add(term)),
  Ewma: () => added(new Ewma({ halfLife: 30 }), latencies, (one, value) => one.observe(value)),
};

function medianOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function secondsOf(run: () => unknown): number {
  const start = performance.now();
  run();
  return (performance.now() - start) / 1_000;
}

const speeds = Object.entries(runs).map(([name, run]) => {
  const seconds = medianOf(Array.from({ length: ROUNDS }, () => secondsOf(run)));
  return [name, { 'million adds/s': Number((ADDS / seconds / 1e6).toFixed(1)) }] as const;
});
console.table(Object.fromEntries(speeds));

const sizes = SIZES.map((size) => {
  const quantiles = added(new Quantiles(), latencies.slice(0, size), (one, value) =>
    one.add(value),
  );
  const distinct = added(new Distinct(), latencies.slice(0, size), (one, value) =>
    one.add(String(value)),
  );
  const topTerms = added(new TopTerms(), terms.slice(0, size), (one, term) => one.add(term));
  const bytes = { Quantiles: quantiles, Distinct: distinct, TopTerms: topTerms };
  const lengths = Object.entries(bytes).map(([name, one]) => [name, one.toBytes().length]);
  return [`${size} added: bytes of`, Object.fromEntries(lengths)] as const;
});
console.table(Object.fromEntries(sizes));
