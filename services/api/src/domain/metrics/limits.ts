import { METRICS, type MetricDeclaration, type MetricName, ProblemError } from '@millrace/types';
import type { MetricPart } from './metric-range.ts';
import type { MetricSlice, MetricStore } from './ports.ts';

/** What keeps memory, the 6 MB of an answer and the 30 s of a request within bounds. */
export interface MetricLimits {
  /** Stored items. */
  readonly slices: number;
  /** Of the sketches in them. */
  readonly sketchBytes: number;
  readonly series: number;
  /** Each holds the sketches of its interval in memory: up to some 50 kB where there are terms. */
  readonly points: number;
}

const LIMITS = { slices: 250_000, sketchBytes: 64_000_000, series: 500, points: 50_000 };

export function metricLimitsOf(name: MetricName): MetricLimits {
  const { details }: MetricDeclaration = METRICS[name];
  if (details.includes('top')) return { ...LIMITS, points: 1_000 };
  return details.length > 0 ? { ...LIMITS, points: 5_000 } : LIMITS;
}

const NAMES = {
  slices: 'stored windows',
  sketchBytes: 'bytes of sketches',
  series: 'series',
  points: 'points',
} as const;

/** @throws ProblemError metric_answer_too_large */
export function requireWithin(limits: MetricLimits, used: Partial<MetricLimits>): void {
  for (const name of Object.keys(NAMES) as (keyof MetricLimits)[]) {
    if ((used[name] ?? 0) <= limits[name]) continue;
    throw new ProblemError(
      'metric_answer_too_large',
      `The answer would take more than ${limits[name]} ${NAMES[name]}; ask for a shorter range, a longer interval or fewer dimensions.`,
    );
  }
}

/** @throws ProblemError metric_answer_too_large */
export async function* slicesWithin(
  store: MetricStore,
  tenant: string,
  { name, parts }: { readonly name: MetricName; readonly parts: readonly MetricPart[] },
  limits: MetricLimits,
): AsyncGenerator<MetricSlice> {
  let slices = 0;
  let sketchBytes = 0;
  for (const part of parts) {
    for await (const slice of store.slices(tenant, name, part)) {
      slices += 1;
      sketchBytes += bytesOf(slice);
      requireWithin(limits, { slices, sketchBytes });
      yield slice;
    }
  }
}

function bytesOf({ quantiles, distinct, top }: MetricSlice): number {
  return (quantiles?.length ?? 0) + (distinct?.length ?? 0) + (top?.length ?? 0);
}
