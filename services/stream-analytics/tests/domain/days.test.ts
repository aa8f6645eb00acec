import { EVENT_HORIZON } from '@millrace/types';
import { expect, test } from 'vitest';
import { DAY_MS, dayOf, dayText, knownUntil, startOfDay } from '../../src/domain/days.ts';

test('days are counted in UTC, from both sides of a midnight', () => {
  const midnight = Date.parse('2026-11-23T00:00:00Z');
  expect(dayText(dayOf(midnight - 1))).toBe('2026-11-22');
  expect(dayText(dayOf(midnight))).toBe('2026-11-23');
  expect(startOfDay(dayOf(Date.parse('2026-11-23T08:59:59+09:00')))).toBe('2026-11-22T00:00:00Z');
});

test('what is known outlives the last delivery of the oldest event that the border lets in', () => {
  const end = Date.parse('2026-11-24T00:00:00Z');
  const lastArrival = end + EVENT_HORIZON.pastMs;
  // A neighbouring block may end a week earlier, and the stream keeps a record for a week.
  expect(knownUntil(end) * 1000).toBeGreaterThan(lastArrival + 14 * DAY_MS);
  expect(Number.isInteger(knownUntil(end + 1))).toBe(true);
});
