import { EVENT_HORIZON } from '@millrace/types';

export const DAY_MS = 86_400_000;

/** Days since 1970-01-01, in UTC. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/** `2026-11-23`. */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** The start of a day, RFC 3339. */
export function startOfDay(day: number): string {
  return `${dayText(day)}T00:00:00Z`;
}

/** A week in the stream, and what lies between: a batch that is retried, clocks that differ. */
const DELIVERY_MS = 30 * DAY_MS;

/**
 * Until when events of a span of time may still come, and with them somebody who asks for what is
 * known of it.
 *
 * @param end of the span, milliseconds. Returns seconds since the epoch.
 */
export function knownUntil(end: number): number {
  return Math.ceil((end + EVENT_HORIZON.pastMs + DELIVERY_MS) / 1000);
}
