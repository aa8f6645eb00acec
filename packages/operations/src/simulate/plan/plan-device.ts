import { type Chance, chance } from './chance.ts';
import type {
  DeviceClock,
  DevicePlan,
  Fault,
  FleetOptions,
  Reading,
  Role,
  Step,
} from './message.ts';
import { readingsOf } from './readings.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

/** A fleet's own device has this often … */
const ODDS = {
  copy: 0.02,
  reordered: 0.01,
  loses: 0.3,
  keepsOtherTime: 0.15,
};
const BATCHES = [1, 1, 1, 2, 5, 10] as const;
const OFFSETS = [540, -330, 60] as const;
const LONGEST_OUTAGE_MS = 20 * SECOND;
/** A babbling device sends so many readings for one. */
const BABBLE = 3;
/** More than that a device may not send in a minute without a quota of its own. */
const DEFAULT_BURST = 240;
/** The largest that the API takes. */
const LARGEST_QUOTA = 6_000;
const READINGS_OF_A_STRANGER = 3;

interface Casting {
  readonly index: number;
  readonly role: Role;
  readonly faults: readonly Fault[];
  readonly oversizes: boolean;
}

export function planDevice(options: FleetOptions, casting: Casting): DevicePlan {
  const { index, role, faults, oversizes } = casting;
  const draw = chance(options.seed, 'device', index);
  const clock = clockOf(role, draw);
  const babbles = role === 'babbling';
  const count = Math.round(options.rate * options.minutes * 60) * (babbles ? BABBLE : 1);
  const intervalMs = SECOND / options.rate / (babbles ? BABBLE : 1);
  const readings = readingsOf(draw, {
    ...{ count, intervalMs, skewMs: clock.skewMs },
    // Of two readings of one time, a refusal does not tell which is meant.
    clockMayStop: role === 'ordinary',
  });
  const sent = babbles
    ? readings.map(({ dueAt, reading }) => sendOnce(dueAt, reading))
    : withDrops(inBatches(readings, draw), options, draw);
  const steps = insertAtRandom(sent, faultySteps(faults, readings), draw);
  const all = oversizes ? insertAtRandom(steps, [{ kind: 'oversize', at: 0 }], draw) : steps;
  return { index, role, clock, ...quotaOf(role, all.length, options), steps: all };
}

/** A device that is not the fleet's own says little, and nothing that is taken. */
export function planStranger(
  options: FleetOptions,
  { index, role }: { readonly index: number; readonly role: Role },
): DevicePlan {
  const draw = chance(options.seed, 'device', index);
  const clock = clockOf(role, draw);
  const intervalMs = (options.minutes * 60 * SECOND) / READINGS_OF_A_STRANGER;
  const readings = readingsOf(draw, {
    ...{ count: READINGS_OF_A_STRANGER, intervalMs, skewMs: clock.skewMs },
    clockMayStop: false,
  });
  return {
    index,
    role,
    clock,
    steps: readings.map(({ dueAt, reading }) => sendOnce(dueAt, reading)),
  };
}

interface DueReading {
  readonly dueAt: number;
  readonly reading: Reading;
}

function sendOnce(at: number, reading: Reading): Step {
  return { kind: 'send', at, message: { kind: 'reading', reading }, copies: 0 };
}

/** Some clocks are right, some wrong by minutes, hours or a season; all within the horizon but one's. */
function clockOf(role: Role, draw: Chance): DeviceClock {
  const offsetMinutes = draw.is(ODDS.keepsOtherTime) ? draw.pick(OFFSETS) : 0;
  if (role === 'astray') {
    return { skewMs: draw.pick([-420 * DAY, -900 * DAY, 3 * DAY, 60 * DAY]), offsetMinutes };
  }
  const kind = draw.next();
  if (kind < 0.7) return { skewMs: 0, offsetMinutes };
  if (kind < 0.9) return { skewMs: draw.whole(-600 * SECOND, 600 * SECOND), offsetMinutes };
  if (kind < 0.98) return { skewMs: draw.whole(-20 * HOUR, 20 * HOUR), offsetMinutes };
  return { skewMs: draw.whole(-300 * DAY, -2 * DAY), offsetMinutes };
}

/** A device collects some readings before it sends them; now and then it sends one more than once. */
function inBatches(readings: readonly DueReading[], draw: Chance): Step[] {
  const size = draw.pick(BATCHES);
  return readings.flatMap(({ reading }, nth): Step[] => {
    const last = Math.min(readings.length, (Math.floor(nth / size) + 1) * size) - 1;
    const at = readings[last]?.dueAt ?? 0;
    const copies = draw.is(ODDS.copy) ? 1 : 0;
    const step: Step = { kind: 'send', at, message: { kind: 'reading', reading }, copies };
    if (!draw.is(ODDS.reordered)) return [step];
    return [
      step,
      {
        kind: 'send',
        at,
        message: { kind: 'reading', reading, reordered: true },
        copies: 0,
        again: true,
      },
    ];
  });
}

/**
 * Loses the connection at some readings. Back again, the device sends the one that was on its way,
 * then the one before it, which was acknowledged long ago; what fell due meanwhile comes late.
 */
function withDrops(steps: readonly Step[], options: FleetOptions, draw: Chance): Step[] {
  const count = draw.is(ODDS.loses) ? draw.whole(1, 2) : 0;
  const places = new Set(draw.some(count, [...steps.keys()].slice(1)));
  const longest = Math.min(LONGEST_OUTAGE_MS, (options.minutes * 60 * SECOND) / 3);
  return steps.flatMap((step, nth): Step[] => {
    const before = steps[nth - 1];
    const isFirst = step.kind === 'send' && !step.again;
    if (!places.has(nth) || !isFirst || before?.kind !== 'send') return [step];
    const backAt = step.at + draw.whole(Math.min(SECOND, longest), longest);
    const { message } = before;
    return [
      { kind: 'drop', at: step.at, message: step.message, backAt },
      { kind: 'send', at: backAt, message, copies: 0, again: true },
    ];
  });
}

/** Dated between the device's own readings, so that each refusal can be told from all others. */
function faultySteps(faults: readonly Fault[], readings: readonly DueReading[]): Step[] {
  const first = readings[0]?.reading;
  if (!first) return [];
  return faults.map((fault, nth) => ({
    kind: 'send',
    at: 0,
    message: { kind: 'fault', fault, reading: { ...first, at: first.at + 1 + nth } },
    copies: 0,
  }));
}

/** At the time of the step that it comes behind. */
function insertAtRandom(steps: readonly Step[], more: readonly Step[], draw: Chance): Step[] {
  const all = [...steps];
  for (const step of more) {
    const place = draw.whole(0, Math.max(0, all.length - 1));
    const at = all[place]?.at ?? 0;
    all.splice(place + 1, 0, { ...step, at });
  }
  return all;
}

function quotaOf(role: Role, messages: number, { rate }: FleetOptions): Pick<DevicePlan, 'quota'> {
  if (role === 'babbling') {
    const perMinute = (60 * rate * BABBLE) / 4;
    const few = Math.max(1, Math.floor(Math.min(messages / 4, perMinute)));
    return { quota: { perMinute: few, burst: few } };
  }
  // With its copies, and as if all of it had to be sent at once.
  const most = Math.ceil(messages * 1.25);
  if (most <= DEFAULT_BURST) return {};
  const enough = Math.min(most, LARGEST_QUOTA);
  return { quota: { perMinute: enough, burst: enough } };
}
