import type { DevicePresence } from '@millrace/types';
import { type PresenceStore, replaces } from '../../src/domain/presence/presence.ts';

/** Held to the same contract tests as the table. */
export function memoryPresenceStore(devices: readonly string[]): PresenceStore & {
  find(deviceId: string): Promise<DevicePresence | undefined>;
} {
  const kept = new Map<string, DevicePresence>();
  return {
    find: async (deviceId) => kept.get(deviceId),
    async keepNewest(deviceId, presence) {
      if (!devices.includes(deviceId) || !replaces(kept.get(deviceId), presence)) return false;
      kept.set(deviceId, presence);
      return true;
    },
  };
}
