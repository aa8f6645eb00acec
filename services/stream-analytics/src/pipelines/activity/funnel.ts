import { DAY_MS, dayOf } from '../../domain/days.ts';

export interface Funnel {
  readonly name: string;
  /** Names of activity events, in their order. */
  readonly steps: readonly string[];
}

/** From the first step to the last. */
export const FUNNEL_DAYS = 7;
const MOST_STEPS = 8;

/**
 * @throws RangeError where a funnel is none. The bounds keep what one event changes (a count for each
 * step of each day of entering that it touches) within one transaction.
 */
export function defineFunnels(declared: Readonly<Record<string, readonly string[]>>): Funnel[] {
  const funnels = Object.entries(declared).map(([name, steps]) => ({ name, steps }));
  for (const { name, steps } of funnels) {
    if (!/^[a-z_]{1,64}$/.test(name)) throw new RangeError(`no name of a funnel: ${name}`);
    if (steps.length < 2 || steps.length > MOST_STEPS)
      throw new RangeError(`${name} has ${steps.length} steps, not 2 to ${MOST_STEPS}`);
  }
  const all = funnels.flatMap(({ steps }) => steps);
  if (new Set(all).size < all.length)
    throw new RangeError('an event is a step of one funnel, and of that once');
  return funnels;
}

/** When the user took a step on a day: milliseconds since the day's start, ascending. */
export type TimesOf = (day: number, step: number) => readonly number[];

/**
 * How many steps the user took who entered on a day: 0 where the first was not taken. Entering is the
 * first step's first time of the day; every further step counts at its first time that is not before
 * the step in front of it, up to `FUNNEL_DAYS` after entering.
 */
export function stepsReached(times: TimesOf, entryDay: number, steps: number): number {
  const [entered] = times(entryDay, 0);
  if (entered === undefined) return 0;
  let at = entryDay * DAY_MS + entered;
  const end = at + FUNNEL_DAYS * DAY_MS;
  for (let step = 1; step < steps; step += 1) {
    const next = firstFrom(times, step, at, end);
    if (next === undefined) return step;
    at = next;
  }
  return steps;
}

function firstFrom(times: TimesOf, step: number, from: number, end: number): number | undefined {
  for (let day = dayOf(from); day <= dayOf(end); day += 1) {
    const start = day * DAY_MS;
    const time = times(day, step).find((one) => start + one >= from);
    if (time !== undefined) return start + time <= end ? start + time : undefined;
  }
  return undefined;
}
