import type { EventOf } from '@millrace/types';
import { DAY_MS, dayOf, knownUntil, startOfDay } from '../../domain/days.ts';
import {
  definePipeline,
  type Incoming,
  type StateRef,
  stateRef,
  type Work,
} from '../../domain/engine/pipeline.ts';
import { FUNNELS } from './declarations.ts';
import { FUNNEL_DAYS, type Funnel, stepsReached } from './funnel.ts';
import { type StepTimes, withStep } from './step-times.ts';

type Activity = Incoming<EventOf<'millrace.activity.v1'>>;

/** FROZEN: a block is part of the keys. */
const BLOCK_DAYS = 32;
const blockOf = (day: number) => Math.floor(day / BLOCK_DAYS);

/** Users who came so far in a funnel, by the day of entering. */
export const funnels = definePipeline({
  name: 'funnels',
  takes: ['millrace.activity.v1'],
  states: (incoming) => {
    const taken = stepOf(incoming);
    return taken ? [...blocksOf(incoming, taken).values()] : [];
  },
  apply(incoming, work) {
    const taken = stepOf(incoming);
    if (taken) takeStep(incoming, taken, work);
  },
});

interface TakenStep {
  readonly funnel: Funnel;
  readonly step: number;
  readonly ms: number;
  readonly day: number;
}

const FUNNEL_OF_EVENT = new Map(
  FUNNELS.flatMap((funnel) => funnel.steps.map((name, step) => [name, { funnel, step }] as const)),
);

function stepOf({ event }: Activity): TakenStep | undefined {
  const found = FUNNEL_OF_EVENT.get(event.data.name);
  const ms = Date.parse(event.time);
  return found && { ...found, ms, day: dayOf(ms) };
}

/**
 * The blocks of days that an event can matter to: it moves those who entered up to a week before it,
 * which depends on what they did up to a week after. Two at most; its own comes first.
 */
function blocksOf({ event, tenant }: Activity, { funnel, day }: TakenStep) {
  const blocks = [day, day - FUNNEL_DAYS, day + FUNNEL_DAYS].map(blockOf);
  return new Map(
    blocks.map((block): [number, StateRef<StepTimes>] => [
      block,
      stateRef(tenant, 'funnel', event.data.userId.toWellFormed(), {
        sk: `${funnel.name}#${block}`,
        expiresAt: knownUntil((block + 1) * BLOCK_DAYS * DAY_MS),
      }),
    ]),
  );
}

function takeStep(incoming: Activity, taken: TakenStep, work: Work): void {
  const { funnel, step, ms, day } = taken;
  const steps = funnel.steps.length;
  const refs = blocksOf(incoming, taken);
  const before = new Map([...refs].map(([block, ref]) => [block, work.read(ref) ?? {}]));
  const own = before.get(blockOf(day)) ?? {};
  const changed = withStep(own, { day, step, ms, steps });
  if (changed === own) return;
  const after = new Map(before).set(blockOf(day), changed);
  // The other block is written as it is: who changes that one at this moment must not overlook this.
  for (const [block, ref] of refs) work.write(ref, after.get(block));
  for (let entry = day - FUNNEL_DAYS; entry <= day; entry += 1) {
    const reachedBefore = stepsReached(timesIn(before), entry, steps);
    const reachedAfter = stepsReached(timesIn(after), entry, steps);
    for (const [at, name] of funnel.steps.entries()) {
      const times = Number(at < reachedAfter) - Number(at < reachedBefore);
      const by = { funnel: funnel.name, step: name };
      if (times !== 0) work.count('activity.funnel', startOfDay(entry), { by }, times);
    }
  }
}

function timesIn(blocks: ReadonlyMap<number, StepTimes>) {
  return (day: number, step: number) => blocks.get(blockOf(day))?.[day]?.[step] ?? [];
}
