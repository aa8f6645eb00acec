/**
 * How far an event's own time may lie from its arrival. A device that was offline for
 * a year still counts where it belongs; a clock that starts in 1970 or runs ahead does not open a
 * window that no reader would ever ask for.
 */
export const EVENT_HORIZON = {
  pastMs: 400 * 86_400_000,
  futureMs: 86_400_000,
} as const;

/**
 * Whether an event of `time` (RFC 3339) may have arrived `at` (milliseconds since the epoch); both
 * borders are inside. False for what is no time.
 */
export function isWithinHorizon(time: string, at: number): boolean {
  const age = at - Date.parse(time);
  return age <= EVENT_HORIZON.pastMs && age >= -EVENT_HORIZON.futureMs;
}

const MINUTE_MS = 60_000;

/**
 * `isWithinHorizon` for events that arrived at these times, which most often is answered by comparing
 * texts: a time in UTC that is far enough from both borders need not be read.
 */
export function horizonOf(arrivals: readonly number[]): (time: string, at: number) => boolean {
  let earliest = Number.POSITIVE_INFINITY;
  let latest = Number.NEGATIVE_INFINITY;
  for (const at of arrivals) {
    if (at < earliest) earliest = at;
    if (at > latest) latest = at;
  }
  // Fractions of a second do not sort as text; a minute is more than they can be off.
  const from = minuteText(latest - EVENT_HORIZON.pastMs + MINUTE_MS);
  const to = minuteText(earliest + EVENT_HORIZON.futureMs - MINUTE_MS);
  if (from === '' || to === '') return isWithinHorizon;
  return (time, at) =>
    (time.endsWith('Z') && time > from && time < to) || isWithinHorizon(time, at);
}

/** Empty where it is no time of four-digit years, which alone sort as text. */
function minuteText(at: number): string {
  const text = Number.isFinite(at) && Math.abs(at) < 8.64e15 ? new Date(at).toISOString() : '';
  return text.length === 24 ? text.slice(0, 16) : '';
}
