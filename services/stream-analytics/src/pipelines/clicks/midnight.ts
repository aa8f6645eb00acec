import { DAY_MS, dayOf } from '../../domain/days.ts';
import { joined, PAUSE_MS, type Run } from './runs.ts';

/**
 * Sessions go on past midnight, and what is known of a visitor is kept by day: a run at the end of a
 * day and one at the beginning of the next are one session where the pause between them allows it. So
 * that nobody's session ever spans more than two days, a run that began in the first half hour of
 * its day (which alone can go on from the day before) does not go on into the next.
 */
export function goesOn(run: Run, next: Run): boolean {
  const began = run.first.at - dayOf(run.first.at) * DAY_MS;
  return next.first.at - run.last.at <= PAUSE_MS && began >= PAUSE_MS;
}

/** Whether the session of a run can depend on the day before, or on the day after. */
export function bordersOf(run: Run, day: number): { before: boolean; after: boolean } {
  const start = day * DAY_MS;
  return {
    before: run.first.at < start + PAUSE_MS,
    after: run.last.at >= start + DAY_MS - PAUSE_MS,
  };
}

/** The sessions that a click on `day` can change, ascending; among them some that it cannot. */
export function sessionsAround(
  day: number,
  runsOf: (day: number) => readonly Run[],
): readonly Run[] {
  const last = runsOf(day - 1).at(-1);
  const [next] = runsOf(day + 1);
  // One that goes on from two days ago does not go on into this day, and one that begins later in
  // the next day was never a part of this one: neither can change.
  const runs = [
    ...(last && !bordersOf(last, day - 1).before ? [last] : []),
    ...runsOf(day),
    ...(next && bordersOf(next, day + 1).before ? [next] : []),
  ];
  const sessions: Run[] = [];
  let previous: Run | undefined;
  for (const run of runs) {
    const session = sessions.at(-1);
    if (previous && session && goesOn(previous, run))
      sessions[sessions.length - 1] = joined(session, run);
    else sessions.push(run);
    previous = run;
  }
  return sessions;
}
