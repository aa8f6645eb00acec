import type { Operations } from '@millrace/middleware/http';
import type { ShadowResource } from '@millrace/types';
import {
  type CommandPorts,
  commandOfDevice,
  commandsOfDevice,
  presentCommand,
  sendCommand,
} from '../domain/commands/commands.ts';
import { pageOf, pageRequestOf } from '../domain/paging.ts';
import { changeDesired, etagOf, readShadow, type ShadowPorts } from '../domain/shadows/shadows.ts';

export function deviceControlOperations(ports: CommandPorts & ShadowPorts) {
  return {
    async sendCommand({ caller: { tenant }, params: { id }, body, idempotencyKey }) {
      const context = { tenant, deviceId: id, idempotencyKey, now: Date.now() };
      const { command, isNew } = await sendCommand(body, context, ports);
      return {
        body: presentCommand(command),
        headers: isNew ? {} : { 'idempotency-replayed': 'true' },
      };
    },
    async getShadow({ caller: { tenant }, params: { id } }) {
      const shadow = await readShadow({ tenant, deviceId: id }, ports);
      return { body: shadow, headers: etagHeader(shadow) };
    },
    async changeDesired({ caller: { tenant }, params: { id }, body, ifMatch }) {
      const shadow = await changeDesired({ tenant, deviceId: id }, body, ifMatch, ports);
      return { body: shadow, headers: etagHeader(shadow) };
    },
    async getCommand({ caller: { tenant }, params: { id, commandId } }) {
      const context = { tenant, deviceId: id, commandId, now: Date.now() };
      return { body: presentCommand(await commandOfDevice(context, ports)) };
    },
    async listCommands({ caller: { tenant }, params: { id }, query }) {
      const context = { tenant, deviceId: id, now: Date.now(), page: pageRequestOf(query) };
      return { body: pageOf(await commandsOfDevice(context, ports), presentCommand) };
    },
  } satisfies Operations;
}

function etagHeader(shadow: ShadowResource): Record<string, string> {
  const etag = etagOf(shadow);
  return etag === undefined ? {} : { etag };
}
