import { type MetricWindow, windowStart } from '@millrace/types';
import { DAY_MS } from '../../domain/days.ts';

const MINUTE_MS = 60_000;
const LENGTH_MS = { '1m': MINUTE_MS, '1h': 60 * MINUTE_MS, '1d': DAY_MS } as const;

/** How long after its end a window is judged: what is counted until then is in, later events are not. */
const SETTLING_MS = { '1m': 2 * MINUTE_MS, '1h': 5 * MINUTE_MS, '1d': 15 * MINUTE_MS } as const;

/**
 * How far back windows are judged after an outage, and how long a group of which nothing is heard any
 * more is remembered.
 */
export const LOOK_BACK_DAYS = { '1m': 1, '1h': 7, '1d': 28 } as const;

export function windowAt(ms: number, window: MetricWindow): string {
  return windowStart(new Date(ms).toISOString(), window);
}

/** @param by how many windows later; negative: earlier. */
export function windowAfter(start: string, window: MetricWindow, by = 1): string {
  return windowAt(Date.parse(start) + by * LENGTH_MS[window], window);
}

/** The start of the newest window that has settled. */
export function lastSettled(now: number, window: MetricWindow): string {
  return windowAt(now - SETTLING_MS[window] - LENGTH_MS[window], window);
}

export function windowsBetween(from: string, to: string, window: MetricWindow): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / LENGTH_MS[window]);
}

/** The oldest window that is still judged when `last` is the newest. */
export function oldestJudged(last: string, window: MetricWindow): string {
  const start = Date.parse(last) - LOOK_BACK_DAYS[window] * DAY_MS;
  return windowAfter(windowAt(start, window), window);
}
