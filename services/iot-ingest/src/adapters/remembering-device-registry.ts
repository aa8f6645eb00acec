import type { DeviceRegistry, RegisteredDevice } from '../domain/ports.ts';

export interface RememberingOptions {
  readonly ttlMs: number;
  /** Devices remembered at most; the oldest is forgotten first. */
  readonly capacity?: number;
  /** Milliseconds on any clock that never goes back. */
  readonly now?: () => number;
}

/**
 * Remembers active devices for a short time, so that a device that sends often costs one read per
 * `ttlMs` and environment. Unknown and disabled ones are never remembered: they are heard as soon as
 * they are registered or enabled.
 */
export function rememberingDeviceRegistry(
  registry: DeviceRegistry,
  { ttlMs, capacity = 1_000, now = () => performance.now() }: RememberingOptions,
): DeviceRegistry {
  const remembered = new Map<
    string,
    { readonly device: RegisteredDevice; readonly until: number }
  >();
  return {
    async find(deviceId) {
      const known = remembered.get(deviceId);
      if (known && now() < known.until) return known.device;
      remembered.delete(deviceId);
      // The age counts from before the read: the answer may be as old as the question.
      const until = now() + ttlMs;
      const device = await registry.find(deviceId);
      if (device?.status === 'active') {
        remembered.set(deviceId, { device, until });
        forgetOldest(remembered, capacity);
      }
      return device;
    },
  };
}

function forgetOldest(entries: Map<string, unknown>, capacity: number): void {
  for (const key of entries.keys()) {
    if (entries.size <= capacity) return;
    entries.delete(key);
  }
}
