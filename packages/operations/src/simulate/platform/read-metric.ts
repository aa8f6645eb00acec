import type { MetricName } from '@millrace/types';
import type { ApiClient } from '../../demo/api-client.ts';
import { addSums, NOTHING, parseUnits, type Sum } from '../expected/sum.ts';
import { parseExact } from './exact-json.ts';

/** Milliseconds since the epoch; `to` is not in it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The API answers at most 31 days at a time. */
const LONGEST_MS = 31 * 86_400_000;
const SHORTEST_MS = 60_000;

interface MetricText {
  readonly count: number;
  readonly sum: string;
  readonly series: readonly {
    readonly group: Readonly<Record<string, string>>;
    readonly count: number;
    readonly sum: string;
  }[];
}

/**
 * What a metric says of a span, by one dimension; the keys are its values. Spans that are too long or
 * too full for one answer are asked for in parts.
 *
 * @throws Error where the API does not answer
 */
export async function readMetric(
  api: ApiClient,
  metric: MetricName,
  dimension: string,
  span: Span,
): Promise<Map<string, Sum>> {
  const sums = new Map<string, Sum>();
  for (const part of await readParts(api, metric, dimension, span)) {
    for (const { group, count, sum } of part.series) {
      const key = group[dimension] ?? '';
      sums.set(key, addSums(sums.get(key) ?? NOTHING, { count, units: parseUnits(sum) }));
    }
  }
  return sums;
}

async function readParts(
  api: ApiClient,
  metric: MetricName,
  dimension: string,
  { from, to }: Span,
): Promise<MetricText[]> {
  const inTwo = async () => {
    const middle = Math.ceil((from + to) / 2 / SHORTEST_MS) * SHORTEST_MS;
    return [
      ...(await readParts(api, metric, dimension, { from, to: middle })),
      ...(await readParts(api, metric, dimension, { from: middle, to })),
    ];
  };
  if (to - from > LONGEST_MS) return inTwo();
  const time = (instant: number) => encodeURIComponent(new Date(instant).toISOString());
  const answer = await api.get(
    `/metrics/${metric}?interval=1d&groupBy=${dimension}&from=${time(from)}&to=${time(to)}`,
  );
  if (answer.status === 200) return [parseExact<MetricText>(answer.text, 'sum')];
  const { code } = answer.body as { code?: unknown };
  if (code === 'metric_answer_too_large' && to - from > 2 * SHORTEST_MS) return inTwo();
  throw new Error(`GET /metrics/${metric} was answered ${answer.status}: ${answer.text}`);
}
