import type { DeviceItem } from '@millrace/types';
import { updateDevice } from './devices.ts';
import type { DeviceTasks } from './ports.ts';
import { SETTLED_AFTER_MS, type TendPorts, tendDevice } from './tend-device.ts';

export interface AccessPorts extends TendPorts {
  readonly tasks: DeviceTasks;
}

export interface OwnDevice {
  readonly tenant: string;
  readonly deviceId: string;
}

/**
 * Disables or enables a device: the registry first, which refuses its readings at once, then its
 * certificates. Repeating it is safe, and what a crash leaves undone is done within two minutes.
 *
 * @throws as updateDevice and tendDevice do
 */
export async function setDeviceStatus(
  device: OwnDevice,
  status: DeviceItem['status'],
  now: number,
  ports: AccessPorts,
): Promise<DeviceItem> {
  await ports.tasks.plan({ deviceId: device.deviceId, dueAt: now + SETTLED_AFTER_MS });
  const changed = await updateDevice(ports.devices, device, (seen) =>
    seen.status === status
      ? undefined
      : { set: { status, updatedAt: new Date(now).toISOString() } },
  );
  await tendDevice(device.deviceId, now, ports);
  return changed;
}

/**
 * Deletes a device: from the first write on it is refused and not shown; its certificates, its thing
 * and its id follow, the latter when nothing is left that could speak in its name.
 *
 * @throws as updateDevice and tendDevice do
 */
export async function deleteDevice(
  device: OwnDevice,
  now: number,
  ports: AccessPorts,
): Promise<void> {
  await ports.tasks.plan({ deviceId: device.deviceId, dueAt: now + SETTLED_AFTER_MS });
  const time = new Date(now).toISOString();
  await updateDevice(ports.devices, device, () => ({
    set: { status: 'disabled', deletedAt: time, updatedAt: time },
  }));
  await tendDevice(device.deviceId, now, ports);
}
