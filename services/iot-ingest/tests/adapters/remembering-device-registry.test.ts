import { expect, test } from 'vitest';
import { rememberingDeviceRegistry } from '../../src/adapters/remembering-device-registry.ts';
import type { RegisteredDevice } from '../../src/domain/ports.ts';

/** A registry whose content changes, in virtual time, and that counts how often it is asked. */
function scenario(options: { capacity?: number } = {}) {
  const devices = new Map<string, RegisteredDevice>();
  const clock = { now: 0 };
  const asked: string[] = [];
  const registry = rememberingDeviceRegistry(
    {
      async find(deviceId) {
        asked.push(deviceId);
        return devices.get(deviceId);
      },
    },
    { ttlMs: 5_000, now: () => clock.now, ...options },
  );
  const set = (deviceId: string, status: 'active' | 'disabled') =>
    devices.set(deviceId, { deviceId, tenant: 'mill', status });
  return { registry, clock, asked, set };
}

test('an active device is read once in five seconds', async () => {
  const { registry, clock, asked, set } = scenario();
  set('a', 'active');
  await registry.find('a');
  clock.now = 4_999;
  expect(await registry.find('a')).toMatchObject({ status: 'active' });
  expect(asked).toHaveLength(1);
  clock.now = 5_000;
  await registry.find('a');
  expect(asked).toHaveLength(2);
});

test('a device that is disabled is heard for five seconds at most', async () => {
  const { registry, clock, set } = scenario();
  set('a', 'active');
  await registry.find('a');
  set('a', 'disabled');
  clock.now = 5_000;
  expect(await registry.find('a')).toMatchObject({ status: 'disabled' });
});

test('a device is heard as soon as it is registered or enabled', async () => {
  const { registry, set } = scenario();
  expect(await registry.find('a')).toBeUndefined();
  set('a', 'disabled');
  expect(await registry.find('a')).toMatchObject({ status: 'disabled' });
  set('a', 'active');
  expect(await registry.find('a')).toMatchObject({ status: 'active' });
});

test('remembers so many devices and no more', async () => {
  const { registry, asked, set } = scenario({ capacity: 2 });
  for (const id of ['a', 'b', 'c']) {
    set(id, 'active');
    await registry.find(id);
  }
  await registry.find('b');
  await registry.find('c');
  expect(asked).toEqual(['a', 'b', 'c']);
  await registry.find('a');
  expect(asked).toEqual(['a', 'b', 'c', 'a']);
});
