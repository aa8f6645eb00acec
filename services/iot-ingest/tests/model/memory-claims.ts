import type {
  ClaimedDevice,
  ClaimStore,
  UnclaimedCertificates,
} from '../../src/domain/provisioning/approve-device.ts';

/** Held to the same contract tests as the table. */
export function memoryClaimStore(): ClaimStore & { put(device: ClaimedDevice): void } {
  const devices = new Map<string, ClaimedDevice>();
  return {
    put: (device) => void devices.set(device.deviceId, device),
    find: async (deviceId) => devices.get(deviceId),
    async use(seen, changes) {
      const stored = devices.get(seen.deviceId);
      if (!stored || stored.revision !== seen.revision) return false;
      const revision = (stored.revision ?? 0) + 1;
      devices.set(seen.deviceId, { ...stored, ...changes, revision });
      return true;
    },
  };
}

/** Certificates that were handed out; those that came into use stay. */
export function memoryCertificates(): UnclaimedCertificates & {
  readonly handedOut: Set<string>;
  readonly active: Set<string>;
} {
  const handedOut = new Set<string>();
  const active = new Set<string>();
  return {
    ...{ handedOut, active },
    async removeUnused(certificateId) {
      if (active.has(certificateId)) return false;
      handedOut.delete(certificateId);
      return true;
    },
  };
}
