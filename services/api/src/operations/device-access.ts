import { randomUUID } from 'node:crypto';
import type { Operations } from '@millrace/middleware/http';
import { closeClaim, openClaim } from '../domain/devices/claims.ts';
import {
  type AccessPorts,
  deleteDevice,
  setDeviceStatus,
} from '../domain/devices/device-access.ts';
import { presentDevice } from '../domain/devices/devices.ts';
import { issueCredentials } from '../domain/devices/issue-credentials.ts';

export function deviceAccessOperations(ports: AccessPorts) {
  return {
    async disableDevice({ caller: { tenant }, params: { id } }) {
      const device = { tenant, deviceId: id };
      return {
        body: presentDevice(await setDeviceStatus(device, 'disabled', Date.now(), ports)),
      };
    },
    async enableDevice({ caller: { tenant }, params: { id } }) {
      const device = { tenant, deviceId: id };
      return { body: presentDevice(await setDeviceStatus(device, 'active', Date.now(), ports)) };
    },
    async issueCredentials({ caller: { tenant }, params: { id }, body, idempotencyKey }) {
      const order = {
        tenant,
        deviceId: id,
        graceSeconds: body.graceSeconds,
        idempotencyKey,
        attemptId: randomUUID(),
      };
      return {
        body: await issueCredentials(order, Date.now(), ports),
        headers: { 'cache-control': 'no-store' },
      };
    },
    async openClaim({ caller: { tenant }, params: { id }, body, idempotencyKey }) {
      const order = { tenant, deviceId: id, ...body, idempotencyKey };
      return { body: presentDevice(await openClaim(order, Date.now(), ports)) };
    },
    async closeClaim({ caller: { tenant }, params: { id } }) {
      const device = { tenant, deviceId: id };
      return { body: presentDevice(await closeClaim(device, Date.now(), ports)) };
    },
    async deleteDevice({ caller: { tenant }, params: { id } }) {
      await deleteDevice({ tenant, deviceId: id }, Date.now(), ports);
      return { body: undefined };
    },
  } satisfies Operations;
}
