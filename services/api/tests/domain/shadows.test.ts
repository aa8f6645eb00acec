import { describe, expect, it } from 'vitest';
import { registerDevice } from '../../src/domain/devices/devices.ts';
import {
  changeDesired,
  etagOf,
  preconditionFailed,
  readShadow,
  type Shadow,
  type Shadows,
} from '../../src/domain/shadows/shadows.ts';
import { memoryDeviceStore } from '../support/memory-stores.ts';

const lamp = { tenant: 'mill', deviceId: 'lamp-1' };

/** Shadows whose members are texts, so that a merge is a spread. */
function memoryShadows(): Shadows & { readonly kept: Map<string, Shadow> } {
  const kept = new Map<string, Shadow>();
  return {
    kept,
    find: async (deviceId) => kept.get(deviceId),
    async mergeDesired(deviceId, change, version) {
      const before = kept.get(deviceId) ?? { desired: {}, reported: {}, delta: {}, version: 0 };
      if (version !== undefined && version !== before.version) throw preconditionFailed();
      const desired = { ...before.desired, ...change };
      kept.set(deviceId, { ...before, desired, delta: desired, version: before.version + 1 });
    },
    async remove(deviceId) {
      kept.delete(deviceId);
    },
  };
}

async function scenario() {
  const devices = memoryDeviceStore();
  await registerDevice({ deviceId: 'lamp-1' }, { tenant: 'mill', now: 0 }, devices);
  const shadows = memoryShadows();
  return { devices, shadows, ports: { devices, shadows } };
}

describe('what a device should be', () => {
  it('is nothing, of version 0, until somebody says it', async () => {
    const { ports } = await scenario();
    const shadow = await readShadow(lamp, ports);
    expect(shadow).toEqual({
      deviceId: 'lamp-1',
      desired: {},
      reported: {},
      delta: {},
      version: 0,
    });
    expect(etagOf(shadow)).toBeUndefined();
  });

  it('is merged where the caller has seen the newest, or does not care', async () => {
    const { ports } = await scenario();
    const first = await changeDesired(lamp, { power: 'on' }, undefined, ports);
    expect(first.version).toBe(1);
    const second = await changeDesired(lamp, { hue: 'red' }, etagOf(first), ports);
    expect(second).toMatchObject({ desired: { power: 'on', hue: 'red' }, version: 2 });
    const stale = changeDesired(lamp, { hue: 'blue' }, etagOf(first), ports);
    await expect(stale).rejects.toMatchObject({ code: 'precondition_failed' });
  });

  it.each(['1', '"x"', '""', 'W/"1"', '"0"', '"1", "2"', `"${'9'.repeat(20)}"`])(
    'is not changed under If-Match %s, which nobody was given',
    async (ifMatch) => {
      const { ports, shadows } = await scenario();
      const changed = changeDesired(lamp, { power: 'on' }, ifMatch, ports);
      await expect(changed).rejects.toMatchObject({ code: 'precondition_failed' });
      expect(shadows.kept.size).toBe(0);
    },
  );

  it('is not for other tenants', async () => {
    const { ports, shadows } = await scenario();
    const other = { ...lamp, tenant: 'other' };
    for (const call of [
      readShadow(other, ports),
      changeDesired(other, { power: 'on' }, undefined, ports),
    ]) {
      await expect(call).rejects.toMatchObject({ code: 'device_not_found' });
    }
    expect(shadows.kept.size).toBe(0);
  });

  it('goes with a device that is deleted while it is said', async () => {
    const { devices, shadows } = await scenario();
    const dying: Shadows = {
      ...shadows,
      async mergeDesired(...given) {
        const device = await devices.find('lamp-1');
        if (device) await devices.remove(device);
        return shadows.mergeDesired(...given);
      },
    };
    const changed = changeDesired(lamp, { secret: 'ours' }, undefined, { devices, shadows: dying });
    await expect(changed).rejects.toMatchObject({ code: 'device_not_found' });
    expect(shadows.kept.size).toBe(0);
  });
});
