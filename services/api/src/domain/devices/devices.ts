import { type DeviceItem, type DeviceResource, ProblemError, topics } from '@millrace/types';
import type { PageRequest, StoredPage } from '../paging.ts';

export interface DeviceStore {
  find(deviceId: string): Promise<DeviceItem | undefined>;
  list(tenant: string, page: PageRequest): Promise<StoredPage<DeviceItem>>;
  /** Stores the device unless there is one with its id; returns what is stored then. */
  addOnce(device: DeviceItem): Promise<DeviceItem>;
}

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
  if (stored.tenant === context.tenant && stored.name === name) return stored;
  throw new ProblemError(
    'device_id_taken',
    'There is a device with this id and another name or owner; choose another id.',
  );
}

/** @throws ProblemError device_not_found, also where the device is another tenant's */
export async function deviceOf(
  devices: DeviceStore,
  tenant: string,
  deviceId: string,
): Promise<DeviceItem> {
  const device = await devices.find(deviceId);
  if (device?.tenant === tenant) return device;
  throw new ProblemError('device_not_found', 'There is no device with this id.');
}

export function presentDevice(device: DeviceItem): DeviceResource {
  const { deviceId, name, status, createdAt, updatedAt } = device;
  return {
    deviceId,
    ...(name !== undefined && { name }),
    status,
    createdAt,
    updatedAt,
    topics: {
      telemetry: topics.telemetry(deviceId),
      rejected: topics.telemetryRejected(deviceId),
    },
  };
}
