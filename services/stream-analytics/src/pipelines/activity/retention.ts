import type { EventOf } from '@millrace/types';
import { dayOf, dayText, startOfDay } from '../../domain/days.ts';
import {
  definePipeline,
  type Incoming,
  stateRef,
  type Work,
} from '../../domain/engine/pipeline.ts';
import { offsetsOf, type UserDays, withDay } from './user-days.ts';

/** Distinct users of a cohort (their first day) by the days after it on which they were active. */
export const retention = definePipeline({
  name: 'retention',
  takes: ['millrace.activity.v1'],
  states: (incoming) => [userOf(incoming)],
  apply(incoming, work) {
    const user = userOf(incoming);
    const before = work.read(user);
    const after = withDay(before, dayOf(Date.parse(incoming.event.time)));
    if (before?.first === after.first && before.active === after.active) return;
    work.write(user, after);
    if (before && before.first !== after.first) {
      for (const offset of offsetsOf(before)) countDay(work, before, offset, -1);
    }
    const known = before?.first === after.first ? before.active : 0;
    for (const offset of offsetsOf({ first: after.first, active: after.active & ~known })) {
      countDay(work, after, offset, 1);
    }
  },
});

/** Never expires: who comes back after years is no new user. */
function userOf({ event, tenant }: Incoming<EventOf<'millrace.activity.v1'>>) {
  return stateRef<UserDays>(tenant, 'user', event.data.userId.toWellFormed());
}

function countDay(work: Work, { first }: UserDays, offset: number, times: number): void {
  const by = { cohort: dayText(first), day: String(offset) };
  work.count('activity.retention', startOfDay(first), { by }, times);
}
