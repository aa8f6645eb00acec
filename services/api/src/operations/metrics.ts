import { ExactNumber, type Operations } from '@millrace/middleware/http';
import { formatDecimal } from '../domain/metrics/decimal.ts';
import { metricRangeOf } from '../domain/metrics/metric-range.ts';
import { type Measured, type MetricStore, readMetric } from '../domain/metrics/read-metric.ts';

export function metricOperations({ metrics }: { readonly metrics: MetricStore }) {
  return {
    async getMetric({ caller: { tenant }, params, query }) {
      const range = metricRangeOf(params.name, query);
      const reading = await readMetric(metrics, tenant, range);
      const series = reading.series.map((one) => ({
        group: one.group,
        ...present(one),
        points: [...one.points].map(([time, measured]) => ({ time, ...present(measured) })),
      }));
      const { name, from, to, interval } = range;
      return { body: { name, from, to, interval, ...present(reading), series } };
    },
  } satisfies Operations;
}

/** The sum with all its digits, which no double could hold. */
function present({ count, sum }: Measured) {
  return { count, sum: new ExactNumber(formatDecimal(sum)) };
}
