import type { Operations } from '@millrace/middleware/http';
import {
  changeDevice,
  deviceOf,
  presentDevice,
  registerDevice,
} from '../domain/devices/devices.ts';
import type { DeviceStore } from '../domain/devices/ports.ts';
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
    async changeDevice({ caller: { tenant }, params: { id }, body }) {
      const device = { tenant, deviceId: id };
      return { body: presentDevice(await changeDevice(body, device, Date.now(), devices)) };
    },
    async listDevices({ caller: { tenant }, query }) {
      const page = await devices.list(tenant, pageRequestOf(query));
      const items = page.items.filter(({ deletedAt }) => deletedAt === undefined);
      return { body: pageOf({ ...page, items }, presentDevice) };
    },
  } satisfies Operations;
}
