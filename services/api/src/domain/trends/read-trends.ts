import { TopTerms, type TrendingTerm, trendingTerms } from '@millrace/sketches';
import { type MetricName, ProblemError, windowStart } from '@millrace/types';
import { metricLimitsOf, slicesWithin } from '../metrics/limits.ts';
import type { MetricStore } from '../metrics/ports.ts';
import { startOf, WINDOW_MS } from '../time-range.ts';

/** Windows before the one in question: two days, or four weeks, so that each hour or weekday is in it. */
const PAST_WINDOWS = { '1h': 48, '1d': 28 } as const;

export interface TrendRequest {
  readonly of: 'hashtags' | 'mentions' | 'terms';
  readonly lang?: string | undefined;
  readonly at?: string | undefined;
  readonly window: '1h' | '1d';
  readonly limit: number;
}

export interface TrendReading {
  readonly from: string;
  readonly progress: number;
  readonly items: readonly TrendingTerm[];
}

/**
 * @param now milliseconds since the epoch
 * @throws ProblemError invalid_request, metric_answer_too_large
 */
export async function readTrends(
  store: MetricStore,
  tenant: string,
  request: TrendRequest,
  now: number,
): Promise<TrendReading> {
  const { of, lang, window, limit } = request;
  const asked = windowAskedFor(request, now);
  const length = WINDOW_MS[window];
  const pastStarts = Array.from({ length: PAST_WINDOWS[window] }, (_, back) =>
    startOf(asked - (back + 1) * length),
  ).reverse();
  const name: MetricName = `posts.${of}`;
  const part = { window, from: pastStarts[0] ?? startOf(asked), to: startOf(asked + length) };
  const range = { name, parts: [part] };
  const found = new Map<string, TopTerms>();
  for await (const slice of slicesWithin(store, tenant, range, metricLimitsOf(name))) {
    if (lang !== undefined && slice.dimensions.lang !== lang) continue;
    if (!slice.top) continue;
    const top = TopTerms.fromBytes(slice.top);
    found.set(slice.start, found.get(slice.start)?.merge(top) ?? top);
  }
  const past = pastStarts.map((start) => found.get(start));
  // A window that has just begun has passed by a little.
  const progress = Math.min(1, Math.max(now - asked, 1) / length);
  const current = found.get(startOf(asked)) ?? new TopTerms();
  const items = trendingTerms(current, past, { progress }).slice(0, limit);
  return { from: startOf(asked), progress, items };
}

/** Its start. */
function windowAskedFor({ of, lang, at, window }: TrendRequest, now: number): number {
  const asked = at === undefined ? now : Date.parse(at);
  if (asked > now) throw refused('?at', 'must not be in the future');
  if (asked < 0) throw refused('?at', 'must not be before 1970');
  if (lang !== undefined && of !== 'terms') {
    throw refused('?lang', 'goes with of=terms: only these are kept by language');
  }
  return Date.parse(windowStart(new Date(asked).toISOString(), window));
}

function refused(path: string, message: string): ProblemError {
  return new ProblemError('invalid_request', 'There is no such trend.', {
    violations: [{ path, message }],
  });
}
