import { ExactNumber, type Operations } from '@millrace/middleware/http';
import { ProblemError } from '@millrace/types';
import { readFunnel } from '../domain/activity/read-funnel.ts';
import { readRetention } from '../domain/activity/read-retention.ts';
import { formatDecimal } from '../domain/metrics/decimal.ts';
import { metricRangeOf } from '../domain/metrics/metric-range.ts';
import type { MetricStore } from '../domain/metrics/ports.ts';
import { readMetric } from '../domain/metrics/read-metric.ts';
import type { Tally } from '../domain/metrics/tally.ts';
import { readTrends } from '../domain/trends/read-trends.ts';

export function metricOperations({ metrics }: { readonly metrics: MetricStore }) {
  return {
    async getMetric({ caller: { tenant }, params, query }) {
      const range = metricRangeOf(params.name, query);
      const reading = await readMetric(metrics, tenant, range);
      const present = (tally: Tally) => presentTally(tally, query.top);
      const series = reading.series.map(({ group, total, points }) => ({
        group,
        ...present(total),
        points: [...points].map(([time, tally]) => ({ time, ...present(tally) })),
      }));
      const { name, from, to, interval } = range;
      const body = { name, from, to, interval, ...present(reading.total), series };
      requireFitting(body);
      return { body };
    },
    async getTrends({ caller: { tenant }, query }) {
      const { of, lang, window } = query;
      const reading = await readTrends(metrics, tenant, query, Date.now());
      return { body: { of, ...(lang !== undefined && { lang }), window, ...reading } };
    },
    async getFunnel({ caller: { tenant }, params: { name }, query }) {
      return { body: { name, ...(await readFunnel(metrics, tenant, name, query)) } };
    },
    async getRetention({ caller: { tenant }, query }) {
      return { body: await readRetention(metrics, tenant, query, Date.now()) };
    },
  } satisfies Operations;
}

/** The sum with all its digits, which no double could hold. */
function presentTally(
  { count, sum, min, max, quantiles, distinct, top }: Tally,
  mostTerms: number,
) {
  return {
    count,
    sum: new ExactNumber(formatDecimal(sum)),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(quantiles && {
      p50: quantiles.quantile(0.5),
      p95: quantiles.quantile(0.95),
      p99: quantiles.quantile(0.99),
    }),
    ...(distinct && { distinct: distinct.estimate() }),
    ...(top && { top: top.top(mostTerms) }),
  };
}

/** Lambda takes 6 MB of an answer, in which the body is a text once more. */
const MOST_BYTES = 5_900_000;

/** Terms and dimensions are as long as those who sent them like. */
function requireFitting(body: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(JSON.stringify(body)));
  if (bytes <= MOST_BYTES) return;
  throw new ProblemError(
    'metric_answer_too_large',
    'The answer would be larger than 6 MB; ask for a shorter range, a longer interval, fewer dimensions or fewer terms.',
  );
}
