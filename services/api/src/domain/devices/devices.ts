import {
  DEFAULT_DEVICE_QUOTA,
  type DeviceChange,
  type DeviceClaim,
  type DeviceItem,
  type DeviceResource,
  ProblemError,
  topics,
} from '@millrace/types';
import type { DeviceChanges, DeviceStore } from './ports.ts';

/**
 * Device ids are topics of one broker, so they are unique over all tenants. Registering the same
 * device again gives the same answer.
 *
 * @throws ProblemError device_id_taken
 */
export async function registerDevice(
  request: { readonly deviceId: string; readonly name?: string | undefined },
  context: { readonly tenant: string; readonly now: number },
  devices: DeviceStore,
): Promise<DeviceItem> {
  const { deviceId, name } = request;
  const time = new Date(context.now).toISOString();
  const stored = await devices.addOnce({
    deviceId,
    tenant: context.tenant,
    ...(name !== undefined && { name }),
    status: 'active',
    createdAt: time,
    updatedAt: time,
  });
  const isSame = stored.tenant === context.tenant && stored.name === name;
  if (isSame && stored.deletedAt === undefined) return stored;
  throw new ProblemError(
    'device_id_taken',
    'There is a device with this id and another name or owner; choose another id.',
  );
}

/** @throws ProblemError device_not_found, also where the device is another tenant's or being deleted */
export async function deviceOf(
  devices: Pick<DeviceStore, 'find'>,
  tenant: string,
  deviceId: string,
): Promise<DeviceItem> {
  const device = await devices.find(deviceId);
  if (device?.tenant === tenant && device.deletedAt === undefined) return device;
  throw new ProblemError('device_not_found', 'There is no device with this id.');
}

const MOST_ATTEMPTS = 8;

/**
 * Reads, decides and writes, again where somebody else wrote in between.
 *
 * @param decide no changes where the device is as it should be
 * @throws ProblemError device_not_found, service_unavailable, and what `decide` throws
 */
export async function updateDevice(
  devices: DeviceStore,
  { tenant, deviceId }: { readonly tenant: string; readonly deviceId: string },
  decide: (device: DeviceItem) => DeviceChanges | undefined,
): Promise<DeviceItem> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const device = await deviceOf(devices, tenant, deviceId);
    const changes = decide(device);
    if (changes === undefined) return device;
    const changed = await devices.change(device, changes);
    if (changed) return changed;
  }
  throw new ProblemError('service_unavailable', 'The device is changed by others; try again.', {
    retryAfterSeconds: 1,
  });
}

/** @throws as updateDevice does */
export function changeDevice(
  change: DeviceChange,
  device: { readonly tenant: string; readonly deviceId: string },
  now: number,
  devices: DeviceStore,
): Promise<DeviceItem> {
  const { name, quota } = change;
  return updateDevice(devices, device, () => ({
    set: {
      ...(typeof name === 'string' && { name }),
      ...(quota && { quota }),
      updatedAt: new Date(now).toISOString(),
    },
    remove: [
      ...(name === null ? ['name' as const] : []),
      ...(quota === null ? ['quota' as const] : []),
    ],
  }));
}

export function presentDevice(device: DeviceItem): DeviceResource {
  const { deviceId, name, status, createdAt, updatedAt, presence } = device;
  return {
    deviceId,
    ...(name !== undefined && { name }),
    status,
    quota: device.quota ?? DEFAULT_DEVICE_QUOTA,
    credentials: (device.credentials ?? []).map(({ certificateId, createdAt, retiresAt }) => ({
      certificateId,
      createdAt,
      ...(retiresAt !== undefined && { retiresAt }),
    })),
    ...(device.claim && { claim: presentClaim(device.claim) }),
    ...(presence && {
      presence: {
        connected: presence.isConnected,
        since: new Date(presence.at).toISOString(),
        ...(presence.reason !== undefined && { reason: presence.reason }),
      },
    }),
    createdAt,
    updatedAt,
    topics: {
      telemetry: topics.telemetry(deviceId),
      rejected: topics.telemetryRejected(deviceId),
    },
  };
}

function presentClaim({ openedAt, certificateId, claimedAt }: DeviceClaim) {
  const used = certificateId !== undefined && { certificateId, claimedAt };
  return { state: used ? ('used' as const) : ('open' as const), openedAt, ...used };
}
