import { chance } from './chance.ts';
import {
  type DevicePlan,
  FAULTS,
  type Fault,
  type FleetOptions,
  type FleetPlan,
} from './message.ts';
import { planDevice, planStranger } from './plan-device.ts';

/** Of so many devices one is such, and at least one where there are that many at all. */
const ONE_IN = {
  babbling: 200,
  astray: 200,
  disabled: 200,
  unknown: 100,
  faulty: 10,
  oversizing: 50,
};
/** Below it no device is anything but ordinary. */
const SMALLEST_MIXED_FLEET = 4;

/** All that a fleet does, from its seed alone: the same options are the same plan. */
export function planFleet(options: FleetOptions): FleetPlan {
  const { seed, devices } = options;
  const draw = chance(seed, 'fleet');
  const indexes = Array.from({ length: devices }, (_, index) => index);
  const isMixed = devices >= SMALLEST_MIXED_FLEET;
  const odd = isMixed
    ? draw.some(share('babbling', devices) + share('astray', devices), indexes)
    : [];
  const babbling = new Set(odd.slice(0, share('babbling', devices)));
  const astray = new Set(odd.slice(babbling.size));
  const ordinary = indexes.filter((index) => !babbling.has(index) && !astray.has(index));
  const faults = dealFaults(options, ordinary);
  const oversizing = new Set(draw.some(share('oversizing', devices), ordinary));
  const own = indexes.map((index): DevicePlan => {
    const role = babbling.has(index) ? 'babbling' : astray.has(index) ? 'astray' : 'ordinary';
    return planDevice(options, {
      index,
      role,
      faults: faults.get(index) ?? [],
      oversizes: oversizing.has(index),
    });
  });
  const strangers = (['disabled', 'unknown'] as const).flatMap((role) =>
    Array.from({ length: share(role, devices) }, () => role),
  );
  return {
    options,
    devices: [
      ...own,
      ...strangers.map((role, nth) => planStranger(options, { index: devices + nth, role })),
    ],
  };
}

function share(what: keyof typeof ONE_IN, devices: number): number {
  return Math.max(1, Math.round(devices / ONE_IN[what]));
}

/** Each kind of fault comes up in any fleet that is large enough for all of them. */
function dealFaults(options: FleetOptions, ordinary: readonly number[]): Map<number, Fault[]> {
  const draw = chance(options.seed, 'faults');
  const isSecured = (index: number) => index < options.tls;
  const faulty = draw
    .some(Math.max(FAULTS.length, share('faulty', options.devices)), ordinary)
    // Those that may have any fault first.
    .sort((one, other) => Number(isSecured(one)) - Number(isSecured(other)));
  return new Map(
    faulty.map((index, nth) => {
      // A certificate's policy would not let a reading for another device through: another refusal.
      const possible = FAULTS.filter(
        (fault) => fault !== 'other_device' || (!isSecured(index) && options.devices > 1),
      );
      const first = FAULTS[nth % FAULTS.length];
      const more = draw.some(draw.whole(0, 2), possible);
      const dealt = [...new Set([first, ...more])].filter(
        (fault): fault is Fault => fault !== undefined && possible.includes(fault),
      );
      return [index, oneUntimed(dealt)];
    }),
  );
}

/** The two that are not JSON are told without a time: of both in one device, one could not be told. */
function oneUntimed(faults: readonly Fault[]): Fault[] {
  const untimed: readonly Fault[] = ['not_json', 'nan'];
  const first = faults.find((fault) => untimed.includes(fault));
  return faults.filter((fault) => fault === first || !untimed.includes(fault));
}
