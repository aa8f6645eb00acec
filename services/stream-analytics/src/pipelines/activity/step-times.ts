import { DAY_MS } from '../../domain/days.ts';

/**
 * When a user took the steps of a funnel, in a block of days: day (since 1970) → for each step the
 * times, in milliseconds since the day's start, ascending. JSON.
 */
export type StepTimes = Readonly<Record<string, readonly (readonly number[])[]>>;

/**
 * Of a step on a day the first seven times are kept, and the last. What a set of times keeps does not
 * depend on the order in which they come, and whether a step was taken after a certain time of the day
 * is always known from the last.
 */
const MOST_TIMES = 8;

/** @param ms since the epoch. Returns the same object where the time changes nothing. */
export function withStep(
  before: StepTimes,
  { day, step, ms, steps }: { day: number; step: number; ms: number; steps: number },
): StepTimes {
  const times = Array.from({ length: steps }, (_, at) => before[day]?.[at] ?? []);
  const old = times[step] ?? [];
  const all = [...new Set([...old, ms - day * DAY_MS])].sort((a, b) => a - b);
  const kept = all.length > MOST_TIMES ? [...all.slice(0, MOST_TIMES - 1), ...all.slice(-1)] : all;
  if (kept.length === old.length && kept.every((time, at) => time === old[at])) return before;
  return { ...before, [day]: times.with(step, kept) };
}
