import { describe, expect, it } from 'vitest';
import { closeClaim, openClaim } from '../../src/domain/devices/claims.ts';
import { deleteDevice, setDeviceStatus } from '../../src/domain/devices/device-access.ts';
import { presentDevice, registerDevice } from '../../src/domain/devices/devices.ts';
import { issueCredentials } from '../../src/domain/devices/issue-credentials.ts';
import { tendDueDevices } from '../../src/domain/devices/tend-device.ts';
import { memoryDeviceTasks, memoryIdentities } from '../support/memory-identities.ts';
import { memoryDeviceStore } from '../support/memory-stores.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const wheel = { tenant: 'mill', deviceId: 'wheel-1' };

async function scenario() {
  const devices = memoryDeviceStore();
  const identities = memoryIdentities();
  const ports = { devices, identities, tasks: memoryDeviceTasks() };
  await registerDevice({ deviceId: 'wheel-1' }, { tenant: 'mill', now: NOW }, devices);
  const open = (idempotencyKey: string, now = NOW, more = {}) =>
    openClaim({ ...wheel, graceSeconds: 3600, idempotencyKey, ...more }, now, ports);
  /** As iot-ingest does when the device asks. */
  const use = async (certificateId: string) => {
    const certificateArn = identities.handOut(certificateId);
    const device = await devices.find('wheel-1');
    if (!device?.claim) throw new TypeError('No claim is open.');
    const credential = { certificateId, certificateArn, createdAt: 'now' };
    const credentials = [...(device.credentials ?? []), credential];
    await devices.change(device, {
      set: { claim: { ...device.claim, certificateId }, credentials },
    });
  };
  const sweep = (now: number) => tendDueDevices(ports, { now: () => now, hasTime: () => true });
  return { ...ports, ports, open, use, sweep };
}

describe('a claim', () => {
  it('is opened once under its key, however often it is asked for', async () => {
    const { open, use } = await scenario();
    const first = await open('k1', NOW, { code: 'open sesame' });
    expect(JSON.stringify(first)).not.toMatch(/sesame|"k1"/);
    expect(await open('k1', NOW + 1_000, { code: 'open sesame' })).toEqual(first);
    await use('a');
    const late = await open('k1', NOW + 2_000);
    expect(presentDevice(late).claim).toMatchObject({ state: 'used', certificateId: 'a' });
    expect(late.credentials?.[0]?.retiresAt).toBeUndefined();
  });

  it('that is opened anew lets the certificates before it retire', async () => {
    const { open, ports, identities, sweep } = await scenario();
    const order = { ...wheel, graceSeconds: 0, idempotencyKey: 'c1', attemptId: '1' };
    await issueCredentials(order, NOW, ports);
    await open('k1');
    expect(identities.good('wheel-1')).toHaveLength(1);
    await sweep(NOW + 40_000);
    await sweep(NOW + 3_700_000);
    expect(identities.good('wheel-1')).toEqual([]);
    await issueCredentials({ ...order, idempotencyKey: 'c2', attemptId: '2' }, NOW, ports);
    expect((await open('k2', NOW, { graceSeconds: 0 })).credentials).toEqual([]);
    expect(identities.certificates.size).toBe(0);
  });

  it('is closed, and open no more', async () => {
    const { open, ports } = await scenario();
    await open('k1');
    expect(presentDevice(await closeClaim(wheel, NOW, ports)).claim).toBeUndefined();
    expect((await closeClaim(wheel, NOW, ports)).claim).toBeUndefined();
  });

  it("is not for other tenants, who cannot even have another's device looked after", async () => {
    const { open, ports, tasks } = await scenario();
    const other = { tenant: 'other' };
    await expect(open('k1', NOW, other)).rejects.toMatchObject({ code: 'device_not_found' });
    const closed = closeClaim({ ...wheel, ...other }, NOW, ports);
    await expect(closed).rejects.toMatchObject({ code: 'device_not_found' });
    expect(tasks.planned()).toEqual([]);
  });
});

describe('a certificate that its device has not come for yet', () => {
  it('is left to the device, whatever is done with the registration', async () => {
    const { open, use, ports, identities, sweep } = await scenario();
    await open('k1');
    await use('a');
    await setDeviceStatus(wheel, 'disabled', NOW, ports);
    await setDeviceStatus(wheel, 'active', NOW, ports);
    await sweep(NOW + 40_000);
    expect(identities.certificates.get('arn:cert/a')).toMatchObject({
      ...{ isPending: true, isActive: false, things: new Set() },
    });
  });

  it('goes with the device that is deleted', async () => {
    const { open, use, ports, identities } = await scenario();
    await open('k1');
    await use('a');
    await deleteDevice(wheel, NOW, ports);
    expect(identities.certificates.size).toBe(0);
  });
});
