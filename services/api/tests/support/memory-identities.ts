import type { DeviceIdentities, DeviceTask, DeviceTasks } from '../../src/domain/devices/ports.ts';

interface Certificate {
  isActive: boolean;
  /** Handed out to a device that has not come for it yet. */
  isPending?: boolean;
  readonly things: Set<string>;
}

/** A broker's control plane: things, certificates, and what is attached to what. */
export function memoryIdentities(): DeviceIdentities & {
  readonly certificates: ReadonlyMap<string, Readonly<Certificate>>;
  readonly things: ReadonlySet<string>;
  /** As the broker does when a device asks with the certificate of its claim; returns the ARN. */
  handOut(certificateId: string): string;
  /** ARNs with which the device can connect. */
  good(deviceId: string): string[];
} {
  const certificates = new Map<string, Certificate>();
  const things = new Set<string>();
  let made = 0;
  return {
    certificates,
    things,
    handOut(certificateId) {
      const arn = `arn:cert/${certificateId}`;
      certificates.set(arn, { isActive: false, isPending: true, things: new Set() });
      return arn;
    },
    good: (deviceId) =>
      [...certificates].flatMap(([arn, one]) =>
        one.isActive && one.things.has(deviceId) ? [arn] : [],
      ),
    async ensureThing(deviceId) {
      things.add(deviceId);
    },
    async createCertificate() {
      made += 1;
      const certificateArn = `arn:cert/${made}`;
      certificates.set(certificateArn, { isActive: false, things: new Set() });
      return {
        certificateId: String(made),
        certificateArn,
        certificatePem: `certificate ${made}`,
        privateKey: `key ${made}`,
      };
    },
    async attach(deviceId, arn) {
      const certificate = certificates.get(arn);
      if (!certificate?.isPending) certificate?.things.add(deviceId);
    },
    async setActive(arn, isActive) {
      const certificate = certificates.get(arn);
      if (certificate && !certificate.isPending) certificate.isActive = isActive;
    },
    listCertificates: async (deviceId) =>
      [...certificates].flatMap(([arn, one]) => (one.things.has(deviceId) ? [arn] : [])),
    async removeCertificate(_deviceId, arn) {
      certificates.delete(arn);
    },
    async removeThing(deviceId) {
      things.delete(deviceId);
    },
  };
}

/** Held to the same contract tests as the table. */
export function memoryDeviceTasks(): DeviceTasks & { planned(): readonly DeviceTask[] } {
  const tasks = new Map<string, number>();
  return {
    planned: () => [...tasks].map(([deviceId, dueAt]) => ({ deviceId, dueAt })),
    async plan({ deviceId, dueAt }) {
      tasks.set(deviceId, dueAt);
    },
    async *due(now) {
      for (const [deviceId, dueAt] of [...tasks]) if (dueAt <= now) yield { deviceId, dueAt };
    },
    async settle({ deviceId, dueAt }, next) {
      if (tasks.get(deviceId) !== dueAt) return;
      if (next === undefined) tasks.delete(deviceId);
      else tasks.set(deviceId, next);
    },
  };
}

/** As a port whose process dies at its n-th call of all, before or after the call had its effect. */
export function dying<T extends object>(port: T, calls: { left: number }, isAfter: boolean): T {
  return new Proxy(port, {
    get(target, name, receiver) {
      const member = Reflect.get(target, name, receiver) as unknown;
      if (typeof member !== 'function' || name === 'due') return member;
      return async (...given: unknown[]) => {
        calls.left -= 1;
        if (calls.left < 0) throw new Died();
        const dies = calls.left === 0;
        if (dies && !isAfter) throw new Died();
        const answer = (await Reflect.apply(member, target, given)) as unknown;
        if (dies) throw new Died();
        return answer;
      };
    },
  });
}

export class Died extends Error {}
