import type { DevicePlan, FleetPlan, Reading } from '../plan/message.ts';
import { deviceIdOf, type FleetRun, type Wire, wireOf } from '../plan/payload.ts';

/** A reading that the platform must count once, however often and in whatever order it was sent. */
export interface ExpectedReading {
  readonly time: string;
  readonly instant: number;
  readonly metrics: Reading['metrics'];
  readonly usage: Reading['usage'];
}

export interface ExpectedDevice {
  readonly deviceId: string;
  readonly index: number;
  readonly babbles: boolean;
  readonly readings: readonly ExpectedReading[];
}

export interface ExpectedFleet {
  /** The fleet's own devices, by their index. */
  readonly devices: readonly ExpectedDevice[];
  /** Distinct refusals by code, each as `refusalKey` has it; those over a quota are known when told. */
  readonly refusals: ReadonlyMap<string, ReadonlySet<string>>;
  /** Distinct messages by the code that they are refused with, which are kept for operators. */
  readonly kept: ReadonlyMap<string, ReadonlySet<string>>;
  readonly sends: ExpectedSends;
}

export interface ExpectedSends {
  /** Messages with QoS 1, each acknowledged once. */
  readonly messages: number;
  readonly copies: number;
  readonly again: number;
  readonly late: number;
  readonly drops: number;
  readonly oversized: number;
}

/** What tells one refusal from another: a device has at most one of a code without a time. */
export function refusalKey(told: string, code: string, time: string | undefined): string {
  return `${told} ${code} ${time ?? '-'}`;
}

/** What must come of a run, added up from its plan by nothing but plain sums. */
export function expectedOf(plan: FleetPlan, run: FleetRun): ExpectedFleet {
  const refusals = new Map<string, Set<string>>();
  const kept = new Map<string, Set<string>>();
  const sends = { messages: 0, copies: 0, again: 0, late: 0, drops: 0, oversized: 0 };
  const devices = plan.devices.flatMap((device) => {
    const readings = expectedReadings(plan, device, run, (wire) => {
      const { told, refusal = '', time, payload } = wire;
      addTo(refusals, refusal, refusalKey(told, refusal, time));
      addTo(kept, refusal, `${told} ${payload}`);
    });
    countSends(device, sends);
    if (device.role === 'disabled' || device.role === 'unknown') return [];
    const { index } = device;
    const babbles = device.role === 'babbling';
    return [{ deviceId: deviceIdOf(run, index), index, babbles, readings }];
  });
  return { devices, refusals, kept, sends };
}

function addTo(sets: Map<string, Set<string>>, name: string, member: string): void {
  sets.set(name, (sets.get(name) ?? new Set<string>()).add(member));
}

function expectedReadings(
  plan: FleetPlan,
  device: DevicePlan,
  run: FleetRun,
  onRefusal: (wire: Wire) => void,
): ExpectedReading[] {
  const readings = new Map<string, ExpectedReading>();
  for (const step of device.steps) {
    if (step.kind === 'oversize') continue;
    const wire = wireOf(plan, device, step.message, run);
    if (wire.refusal !== undefined) onRefusal(wire);
    else if (step.message.kind === 'reading') {
      const { at, metrics, usage } = step.message.reading;
      readings.set(identity(step.message.reading), {
        time: wire.time ?? '',
        instant: run.startedAt + at,
        metrics,
        usage,
      });
    }
  }
  return [...readings.values()];
}

/** Two readings with the same time and the same values are one. */
function identity({ at, metrics, usage }: Reading): string {
  const sorted = (values: Reading['metrics']) =>
    Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([at, sorted(metrics), sorted(usage)]);
}

type Counted = { -readonly [K in keyof ExpectedSends]: number };

function countSends({ steps }: DevicePlan, sends: Counted): void {
  let awayUntil = 0;
  for (const step of steps) {
    if (step.kind === 'oversize') {
      sends.oversized += 1;
      continue;
    }
    if (step.at < awayUntil) sends.late += 1;
    if (step.kind === 'drop') {
      sends.messages += 1;
      sends.drops += 1;
      awayUntil = step.backAt;
    } else {
      sends.messages += 1 + step.copies;
      sends.copies += step.copies;
      if (step.again) sends.again += 1;
    }
  }
}
