import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@millrace/types';
import { overQuotaKey } from '../expected/totals.ts';
import type { DevicePlan, FleetPlan, Step } from '../plan/message.ts';
import { deviceIdOf, type FleetRun, OVERSIZE_BYTES, wireOf } from '../plan/payload.ts';
import type { DeviceLink } from './device-link.ts';
import type { Tally } from './tally.ts';

export interface RunContext {
  readonly run: FleetRun;
  readonly tally: Tally;
  /** `performance.now()` of the moment when the run began. */
  readonly since: number;
  readonly signal: AbortSignal;
}

/**
 * Does what a device's plan says, one step after the other, none before its time: what is not
 * acknowledged in time makes all that follows late, and nothing is left out.
 *
 * @throws whatever the link cannot do, and the signal's reason
 */
export async function runDevice(
  plan: FleetPlan,
  device: DevicePlan,
  link: DeviceLink,
  context: RunContext,
): Promise<void> {
  for (const step of device.steps) {
    await until(context.since + step.at, context.signal);
    await take(step, plan, device, link, context);
  }
}

async function take(
  step: Step,
  plan: FleetPlan,
  device: DevicePlan,
  link: DeviceLink,
  { run, tally, since, signal }: RunContext,
): Promise<void> {
  if (step.kind === 'oversize') {
    const topic = topics.telemetry(deviceIdOf(run, device.index));
    await link.publishUntilClosed(topic, Buffer.alloc(OVERSIZE_BYTES, 'x'));
    tally.closedByBroker += 1;
    return;
  }
  const { topic, payload, told, time, refusal } = wireOf(plan, device, step.message, run);
  const deliver = async (dup?: boolean) => {
    tally.sent += 1;
    await link.deliver(topic, payload, dup);
    tally.acknowledged += 1;
  };
  if (step.kind === 'drop') {
    await link.publishAndVanish(topic, payload);
    tally.drops += 1;
    await until(since + step.backAt, signal);
    await deliver(true);
  } else await deliver();
  if (step.message.kind === 'reading' && refusal === undefined && !('again' in step)) {
    const instant = run.startedAt + step.message.reading.at;
    const key = overQuotaKey(told, time);
    tally.firstAcknowledged.push({ at: performance.now(), instant, key });
  }
  const copies = step.kind === 'send' ? step.copies : 0;
  for (let copy = 0; copy < copies; copy += 1) await deliver(true);
}

async function until(moment: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const wait = moment - performance.now();
  if (wait > 0) await sleep(wait, undefined, { signal });
}
