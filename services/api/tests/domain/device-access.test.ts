import type { DeviceItem } from '@millrace/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AccessPorts,
  deleteDevice,
  setDeviceStatus,
} from '../../src/domain/devices/device-access.ts';
import { presentDevice, registerDevice } from '../../src/domain/devices/devices.ts';
import { issueCredentials } from '../../src/domain/devices/issue-credentials.ts';
import { tendDueDevices } from '../../src/domain/devices/tend-device.ts';
import { Died, dying, memoryDeviceTasks, memoryIdentities } from '../support/memory-identities.ts';
import { memoryDeviceStore } from '../support/memory-stores.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const MINUTE = 60_000;
const wheel = { tenant: 'mill', deviceId: 'wheel-1' };

async function scenario() {
  const identities = memoryIdentities();
  const tasks = memoryDeviceTasks();
  const devices = memoryDeviceStore();
  const ports = { identities, tasks, devices };
  await registerDevice({ deviceId: 'wheel-1' }, { tenant: 'mill', now: NOW }, devices);
  let attempts = 0;
  const issue = (key: string, now: number, graceSeconds = 3600, through: AccessPorts = ports) =>
    issueCredentials(
      { ...wheel, graceSeconds, idempotencyKey: key, attemptId: String(++attempts) },
      now,
      through,
    );
  const sweep = (now: number) => tendDueDevices(ports, { now: () => now, hasTime: () => true });
  return { ...ports, ports, issue, sweep };
}

describe('credentials of a device', () => {
  it('are a certificate with which it may connect at once', async () => {
    const { issue, identities, devices } = await scenario();
    const issued = await issue('k1', NOW);
    expect(issued).toMatchObject({
      certificatePem: 'certificate 1',
      privateKey: 'key 1',
      retiring: [],
    });
    expect(identities.good('wheel-1')).toEqual(['arn:cert/1']);
    const stored = JSON.stringify(await devices.find('wheel-1'));
    expect(stored).not.toContain('key 1');
    expect(stored).not.toContain('k1"');
  });

  it('are rotated: the one before is good until its grace is over', async () => {
    const { issue, identities, sweep, devices } = await scenario();
    await issue('k1', NOW);
    const second = await issue('k2', NOW + MINUTE, 3600);
    expect(second.retiring).toEqual([
      { certificateId: '1', retiresAt: '2026-11-24T13:01:00.000Z' },
    ]);
    await sweep(NOW + 30 * MINUTE);
    expect(identities.good('wheel-1')).toEqual(['arn:cert/1', 'arn:cert/2']);
    await sweep(NOW + 61 * MINUTE);
    expect([...identities.certificates.keys()]).toEqual(['arn:cert/2']);
    expect((await devices.find('wheel-1'))?.credentials).toHaveLength(1);
  });

  it('without a grace are taken away before the answer', async () => {
    const { issue, identities } = await scenario();
    await issue('k1', NOW);
    await issue('k2', NOW + MINUTE, 0);
    expect([...identities.certificates.keys()]).toEqual(['arn:cert/2']);
  });

  it('are told once: a repetition is refused and makes nothing', async () => {
    const { issue, identities } = await scenario();
    await issue('k1', NOW);
    await expect(issue('k1', NOW + MINUTE)).rejects.toMatchObject({
      code: 'credentials_already_issued',
    });
    expect(identities.certificates.size).toBe(1);
  });

  it('are made by one request at a time', async () => {
    const { issue, identities } = await scenario();
    const outcomes = await Promise.allSettled([
      issue('k1', NOW),
      issue('k2', NOW),
      issue('k3', NOW),
    ]);
    const made = outcomes.filter(({ status }) => status === 'fulfilled');
    expect(made.length).toBeGreaterThanOrEqual(1);
    expect(identities.good('wheel-1')).toHaveLength(made.length);
    expect(identities.certificates.size).toBe(made.length);
  });

  it('are five at most', async () => {
    const { issue } = await scenario();
    for (let n = 0; n < 5; n += 1) await issue(`k${n}`, NOW + n * MINUTE);
    await expect(issue('k5', NOW + 9 * MINUTE)).rejects.toMatchObject({
      code: 'too_many_credentials',
    });
    await expect(issue('k6', NOW + 9 * MINUTE, 0)).resolves.toMatchObject({ certificateId: '6' });
  });

  it("are not made for another tenant's device", async () => {
    const { ports, tasks } = await scenario();
    const order = { graceSeconds: 0, idempotencyKey: 'k', attemptId: 'a' };
    await expect(
      issueCredentials({ ...order, tenant: 'other', deviceId: 'wheel-1' }, NOW, ports),
    ).rejects.toMatchObject({ code: 'device_not_found' });
    expect(tasks.planned()).toEqual([]);
  });
});

describe('a device', () => {
  it('that is disabled can neither connect nor be given a certificate that is good', async () => {
    const { issue, identities, ports } = await scenario();
    await issue('k1', NOW);
    const disabled = await setDeviceStatus(wheel, 'disabled', NOW + MINUTE, ports);
    expect(presentDevice(disabled)).toMatchObject({ status: 'disabled' });
    await issue('k2', NOW + 2 * MINUTE);
    expect(identities.good('wheel-1')).toEqual([]);
    await setDeviceStatus(wheel, 'active', NOW + 3 * MINUTE, ports);
    expect(identities.good('wheel-1')).toEqual(['arn:cert/1', 'arn:cert/2']);
  });

  it('that is deleted leaves nothing, and its id is free again', async () => {
    const { issue, identities, ports, devices, sweep, tasks } = await scenario();
    await issue('k1', NOW);
    await deleteDevice(wheel, NOW + MINUTE, ports);
    await sweep(NOW + 3 * MINUTE);
    expect([identities.certificates.size, identities.things.size, tasks.planned()]).toEqual([
      0,
      0,
      [],
    ]);
    await expect(deleteDevice(wheel, NOW, ports)).rejects.toMatchObject({
      code: 'device_not_found',
    });
    const again = { tenant: 'other', now: NOW };
    expect(await registerDevice({ deviceId: 'wheel-1' }, again, devices)).toMatchObject(
      again.tenant === 'other' ? { tenant: 'other' } : {},
    );
  });

  it('that could not be tended stays due, and keeps none waiting', async () => {
    const { ports, sweep, tasks, identities } = await scenario();
    await ports.tasks.plan({ deviceId: 'gone', dueAt: NOW });
    await ports.tasks.plan({ deviceId: 'wheel-1', dueAt: NOW });
    identities.listCertificates = async () => {
      throw new Error('throttled');
    };
    expect(await sweep(NOW)).toMatchObject({ tended: 1, failed: [{ deviceId: 'wheel-1' }] });
    expect(tasks.planned()).toEqual([{ deviceId: 'wheel-1', dueAt: NOW }]);
  });
});

type Step = 'issue' | 'issue at once' | 'disable' | 'enable' | 'delete';

describe('whenever a request dies', () => {
  it('what it leaves is put right by the next look, and nothing is left over', async () => {
    const steps = fc.array(
      fc.record({
        step: fc.constantFrom<Step>('issue', 'issue at once', 'disable', 'enable', 'delete'),
        diesAt: fc.integer({ min: 1, max: 16 }),
        isAfter: fc.boolean(),
      }),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const world = await scenario();
        const { ports, identities, devices, tasks } = world;
        for (const [at, { step, diesAt, isAfter }] of list.entries()) {
          const now = NOW + at * 2 * MINUTE;
          const calls = { left: diesAt };
          const through = {
            identities: dying(ports.identities, calls, isAfter),
            tasks: dying(ports.tasks, calls, isAfter),
            devices: dying(ports.devices, calls, isAfter),
          };
          await run(step, at, now, world, through).catch((error: unknown) => {
            if (!(error instanceof Died) && !(error instanceof Error && 'code' in error))
              throw error;
          });
          await world.sweep(now + MINUTE);
          mustAgree(await devices.find('wheel-1'), identities);
        }
        await world.sweep(NOW + 365 * 24 * 60 * MINUTE);
        expect(tasks.planned()).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

type World = Awaited<ReturnType<typeof scenario>>;

async function run(step: Step, at: number, now: number, { issue }: World, ports: AccessPorts) {
  if (step === 'issue') await issue(`k${at}`, now, 3600, ports);
  else if (step === 'issue at once') await issue(`k${at}`, now, 0, ports);
  else if (step === 'delete') await deleteDevice(wheel, now, ports);
  else await setDeviceStatus(wheel, step === 'disable' ? 'disabled' : 'active', now, ports);
}

/** What the registry says is what the broker lets in; what hangs nowhere is inactive. */
function mustAgree(device: DeviceItem | undefined, identities: World['identities']) {
  const known = (device?.credentials ?? []).map(({ certificateArn }) => certificateArn);
  expect(identities.good('wheel-1')).toEqual(device?.status === 'active' ? known : []);
  const attached = [...identities.certificates].filter(([, { things }]) => things.size > 0);
  expect(attached.map(([arn]) => arn)).toEqual(known);
  for (const [, { things, isActive }] of identities.certificates) {
    if (things.size === 0) expect(isActive).toBe(false);
  }
  if (device === undefined) expect(identities.things.size).toBe(0);
  expect(device?.issuing).toBeUndefined();
}
