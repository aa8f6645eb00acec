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
