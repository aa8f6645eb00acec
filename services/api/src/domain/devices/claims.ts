import { claimCodeDigest } from '@millrace/middleware';
import type { ClaimRequest, DeviceItem } from '@millrace/types';
import type { AccessPorts, OwnDevice } from './device-access.ts';
import { deviceOf, updateDevice } from './devices.ts';
import { digestOfKey } from './request-key.ts';
import { SETTLED_AFTER_MS, tendDevice } from './tend-device.ts';

export interface ClaimOrder extends OwnDevice, ClaimRequest {
  readonly idempotencyKey: string;
}

/**
 * Lets a device that has nothing but the certificate of its claim fetch one of its own, once; those
 * before it retire after the grace. A repetition under the same key changes nothing, also where the
 * device was faster.
 *
 * @throws as updateDevice and tendDevice do
 */
export async function openClaim(
  order: ClaimOrder,
  now: number,
  ports: AccessPorts,
): Promise<DeviceItem> {
  const { deviceId, code, graceSeconds } = order;
  const requestKey = digestOfKey(order.idempotencyKey);
  // A guess at another tenant's device must not have it looked after.
  await deviceOf(ports.devices, order.tenant, deviceId);
  await ports.tasks.plan({ deviceId, dueAt: now + SETTLED_AFTER_MS });
  const openedAt = new Date(now).toISOString();
  const retiresAt = new Date(now + graceSeconds * 1000).toISOString();
  const codeDigest = code === undefined ? {} : { codeDigest: claimCodeDigest(deviceId, code) };
  const changed = await updateDevice(ports.devices, order, ({ claim, credentials }) => {
    if (claim?.requestKey === requestKey) return undefined;
    const retiring = credentials?.map((before) => ({ ...before, retiresAt }));
    return {
      set: {
        claim: { openedAt, requestKey, ...codeDigest },
        ...(retiring && { credentials: retiring }),
        updatedAt: openedAt,
      },
    };
  });
  if (graceSeconds > 0) return changed;
  await tendDevice(deviceId, now, ports);
  return deviceOf(ports.devices, order.tenant, deviceId);
}

/** What was fetched by then stays good. @throws as updateDevice does */
export function closeClaim(
  device: OwnDevice,
  now: number,
  { devices }: Pick<AccessPorts, 'devices'>,
): Promise<DeviceItem> {
  return updateDevice(
    devices,
    device,
    ({ claim }) => claim && { set: { updatedAt: new Date(now).toISOString() }, remove: ['claim'] },
  );
}
