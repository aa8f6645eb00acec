import type { Interval } from '@millrace/types';
import { startOf } from '../time-range.ts';

const DAY_MS = 86_400_000;
/** 1970-01-01 was a Thursday. */
const THURSDAY = 3;

/** Start of a stored window, to the second in UTC → start of the interval that it is in. */
export const INTERVAL_FORMS: Readonly<Record<Interval, (start: string) => string>> = {
  '1m': (start) => start,
  '1h': (start) => `${start.slice(0, 13)}:00:00Z`,
  '1d': (start) => `${start.slice(0, 10)}T00:00:00Z`,
  '1w': mondayOf,
  '1mo': (start) => `${start.slice(0, 7)}-01T00:00:00Z`,
};

function mondayOf(start: string): string {
  const day = Math.floor(Date.parse(start) / DAY_MS);
  const sinceMonday = (((day + THURSDAY) % 7) + 7) % 7;
  return startOf((day - sinceMonday) * DAY_MS);
}
