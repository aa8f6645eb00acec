import { FUNNEL_STEPS, isFunnelName, ProblemError } from '@millrace/types';
import { metricRangeOf } from '../metrics/metric-range.ts';
import type { MetricStore } from '../metrics/ports.ts';
import { readMetric } from '../metrics/read-metric.ts';
import type { TimeRange } from '../time-range.ts';

export interface FunnelStep {
  readonly step: string;
  readonly users: number;
  /** Absent where nobody took the step before, or the first. */
  readonly fromBefore?: number;
  readonly fromFirst?: number;
}

export interface FunnelReading extends TimeRange {
  readonly steps: readonly FunnelStep[];
}

/**
 * How far they came who entered on the days of the range.
 * @throws ProblemError funnel_not_found, and what `metricRangeOf` and `readMetric` throw
 */
export async function readFunnel(
  store: MetricStore,
  tenant: string,
  name: string,
  asked: TimeRange,
): Promise<FunnelReading> {
  if (!isFunnelName(name)) {
    throw new ProblemError(
      'funnel_not_found',
      `The funnels are ${Object.keys(FUNNEL_STEPS).join(', ')}.`,
    );
  }
  const range = metricRangeOf('activity.funnel', { ...asked, groupBy: 'funnel,step' });
  const { series } = await readMetric(store, tenant, range);
  const users = new Map(
    series
      .filter(({ group }) => group.funnel === name)
      .map(({ group, total }) => [group.step, total.count]),
  );
  const counts = FUNNEL_STEPS[name].map((step) => ({ step, users: users.get(step) ?? 0 }));
  const first = counts[0]?.users ?? 0;
  const steps = counts.map(({ step, users }, at) => {
    const before = counts[at - 1]?.users ?? 0;
    return {
      step,
      users,
      ...(before > 0 && { fromBefore: users / before }),
      ...(at > 0 && first > 0 && { fromFirst: users / first }),
    };
  });
  return { from: range.from, to: range.to, steps };
}
