import { type DeviceItem, ProblemError } from '@millrace/types';
import type { DeviceIdentities, DeviceStore, DeviceTasks } from './ports.ts';

export interface TendPorts {
  readonly devices: DeviceStore;
  readonly identities: DeviceIdentities;
}

/**
 * Longer than a request may take (29 s at the gateway). What a request that died has left is looked
 * after then, when nobody works any more on what was read before.
 */
export const SETTLED_AFTER_MS = 35_000;

const MOST_ATTEMPTS = 5;

/**
 * Makes the broker what the registry says of a device: certificates active while the device is,
 * retired ones and those that nobody knows taken away, a deleted device gone. Every step may be
 * repeated, so it goes on wherever an attempt before has died.
 *
 * @returns when it must be looked after again, milliseconds since the epoch
 * @throws whatever the broker or the table cannot do now
 */
export async function tendDevice(
  deviceId: string,
  now: number,
  { devices, identities }: TendPorts,
): Promise<number | undefined> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const device = await devices.find(deviceId);
    if (device === undefined) return undefined;
    const plan = planFor(device, now);
    await applyPlan(plan, device, identities);
    if (await isKept(plan, device, devices)) return nextDue(plan, device);
  }
  throw new ProblemError('service_unavailable', 'The device is changed by others; try again.', {
    retryAfterSeconds: 1,
  });
}

interface Plan {
  readonly isIssuing: boolean;
  readonly kept: NonNullable<DeviceItem['credentials']>;
  readonly over: NonNullable<DeviceItem['credentials']>;
}

function planFor(device: DeviceItem, now: number): Plan {
  const isOver = (retiresAt: string | undefined) =>
    device.deletedAt !== undefined || (retiresAt !== undefined && Date.parse(retiresAt) <= now);
  const credentials = device.credentials ?? [];
  return {
    isIssuing: device.issuing !== undefined && Date.parse(device.issuing.until) > now,
    kept: credentials.filter(({ retiresAt }) => !isOver(retiresAt)),
    over: credentials.filter(({ retiresAt }) => isOver(retiresAt)),
  };
}

async function applyPlan(
  { isIssuing, kept, over }: Plan,
  device: DeviceItem,
  identities: DeviceIdentities,
): Promise<void> {
  const { deviceId } = device;
  for (const { certificateArn } of over) {
    await identities.removeCertificate(deviceId, certificateArn);
  }
  for (const { certificateArn } of kept) {
    await identities.attach(deviceId, certificateArn);
    await identities.setActive(certificateArn, device.status === 'active');
  }
  // A certificate that is being made is attached before the registry knows it.
  if (isIssuing) return;
  const known = new Set(kept.map(({ certificateArn }) => certificateArn));
  for (const certificateArn of await identities.listCertificates(deviceId)) {
    if (!known.has(certificateArn)) await identities.removeCertificate(deviceId, certificateArn);
  }
  if (device.deletedAt !== undefined) await identities.removeThing(deviceId);
}

/** Whether the device still is as it was read; then what is over is forgotten. */
async function isKept(plan: Plan, device: DeviceItem, devices: DeviceStore): Promise<boolean> {
  if (device.deletedAt !== undefined && !plan.isIssuing) return devices.remove(device);
  const isAbandoned = device.issuing !== undefined && !plan.isIssuing;
  if (plan.over.length === 0 && !isAbandoned) {
    return (await devices.find(device.deviceId))?.revision === device.revision;
  }
  const changed = await devices.change(device, {
    set: { credentials: plan.kept },
    remove: isAbandoned ? ['issuing'] : [],
  });
  return changed !== undefined;
}

function nextDue({ isIssuing, kept }: Plan, device: DeviceItem): number | undefined {
  if (device.deletedAt !== undefined && !isIssuing) return undefined;
  const times = [
    ...kept.flatMap(({ retiresAt }) => (retiresAt === undefined ? [] : [retiresAt])),
    ...(isIssuing && device.issuing ? [device.issuing.until] : []),
  ];
  return times.length === 0 ? undefined : Math.min(...times.map((time) => Date.parse(time)));
}

/** A device that could not be looked after: it stays due. */
export interface Untended {
  readonly deviceId: string;
  readonly error: unknown;
}

/** Looks after every device that is due, as long as there is time; one that fails keeps none waiting. */
export async function tendDueDevices(
  ports: TendPorts & { readonly tasks: DeviceTasks },
  { now, hasTime }: { readonly now: () => number; readonly hasTime: () => boolean },
): Promise<{ readonly tended: number; readonly failed: readonly Untended[] }> {
  const failed: Untended[] = [];
  let tended = 0;
  for await (const task of ports.tasks.due(now())) {
    if (!hasTime()) break;
    try {
      await ports.tasks.settle(task, await tendDevice(task.deviceId, now(), ports));
      tended += 1;
    } catch (error) {
      failed.push({ deviceId: task.deviceId, error });
    }
  }
  return { tended, failed };
}
