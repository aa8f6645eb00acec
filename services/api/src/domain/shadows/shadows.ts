import { ProblemError, type ShadowResource } from '@millrace/types';
import { deviceOf } from '../devices/devices.ts';
import type { DeviceStore } from '../devices/ports.ts';

export type Shadow = Omit<ShadowResource, 'deviceId'>;

export interface Shadows {
  find(deviceId: string): Promise<Shadow | undefined>;
  /**
   * Merges into the desired state.
   * @param version that the shadow must have; any where it is absent
   * @throws ProblemError precondition_failed, payload_too_large, invalid_request
   */
  mergeDesired(
    deviceId: string,
    change: Readonly<Record<string, unknown>>,
    version: number | undefined,
  ): Promise<void>;
  /** What is gone is gone. */
  remove(deviceId: string): Promise<void>;
}

export interface ShadowPorts {
  readonly devices: DeviceStore;
  readonly shadows: Shadows;
}

interface OwnDevice {
  readonly tenant: string;
  readonly deviceId: string;
}

const NOTHING: Shadow = { desired: {}, reported: {}, delta: {}, version: 0 };

/** @throws ProblemError device_not_found */
export async function readShadow(
  { tenant, deviceId }: OwnDevice,
  { devices, shadows }: ShadowPorts,
): Promise<ShadowResource> {
  await deviceOf(devices, tenant, deviceId);
  return { deviceId, ...((await shadows.find(deviceId)) ?? NOTHING) };
}

/**
 * Says what a device should be. Merging the same twice is the same as once.
 *
 * @param ifMatch the header: the `etag` that the caller has seen
 * @throws ProblemError device_not_found, precondition_failed and what `mergeDesired` throws
 */
export async function changeDesired(
  device: OwnDevice,
  change: Readonly<Record<string, unknown>>,
  ifMatch: string | undefined,
  ports: ShadowPorts,
): Promise<ShadowResource> {
  await deviceOf(ports.devices, device.tenant, device.deviceId);
  await ports.shadows.mergeDesired(device.deviceId, change, versionOf(ifMatch));
  try {
    return await readShadow(device, ports);
  } catch (error) {
    // It was deleted meanwhile: who has the device id next must not see this.
    const isGone = error instanceof ProblemError && error.code === 'device_not_found';
    if (isGone) await ports.shadows.remove(device.deviceId);
    throw error;
  }
}

/** None where nobody has said anything yet: there is nothing then that could have changed. */
export function etagOf({ version }: ShadowResource): string | undefined {
  return version === 0 ? undefined : `"${version}"`;
}

function versionOf(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined) return undefined;
  const digits = /^"(\d{1,15})"$/.exec(ifMatch)?.[1];
  // What nobody was ever given, or the shadow that nobody has written yet: neither is there.
  if (digits === undefined || Number(digits) === 0) throw preconditionFailed();
  return Number(digits);
}

export function preconditionFailed(cause?: unknown): ProblemError {
  return new ProblemError(
    'precondition_failed',
    'The state is not the one of If-Match any more; read it again and decide anew.',
    { cause },
  );
}
