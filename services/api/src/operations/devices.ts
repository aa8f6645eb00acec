import type { Operations } from '@millrace/middleware/http';
import {
  type DeviceStore,
  deviceOf,
  presentDevice,
  registerDevice,
} from '../domain/devices/devices.ts';
import { pageOf, pageRequestOf } from '../domain/paging.ts';

export function deviceOperations({ devices }: { readonly devices: DeviceStore }) {
  return {
    async registerDevice({ caller: { tenant }, body }) {
      const device = await registerDevice(body, { tenant, now: Date.now() }, devices);
      return { body: presentDevice(device) };
    },
    async getDevice({ caller: { tenant }, params: { id } }) {
      return { body: presentDevice(await deviceOf(devices, tenant, id)) };
    },
    async listDevices({ caller: { tenant }, query }) {
      return { body: pageOf(await devices.list(tenant, pageRequestOf(query)), presentDevice) };
    },
  } satisfies Operations;
}
