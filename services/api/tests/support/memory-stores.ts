import type { CommandItem, DeviceItem, FileItem, OrderItem } from '@millrace/types';
import type { CommandStore } from '../../src/domain/commands/ports.ts';
import type { DeviceStore } from '../../src/domain/devices/ports.ts';
import type { EventStream, StreamEntry } from '../../src/domain/events/ports.ts';
import type { FileStore } from '../../src/domain/files/ports.ts';
import type { OrderStore, OrderTimes } from '../../src/domain/orders/ports.ts';
import type { PageRequest, StoredPage } from '../../src/domain/paging.ts';

const keyOf = (tenant: string, id: string) => JSON.stringify([tenant, id]);

function pageOf<T>(
  items: readonly T[],
  idOf: (item: T) => string,
  page: PageRequest,
): StoredPage<T> {
  const rest = items
    .toSorted((one, other) => (idOf(one) < idOf(other) ? -1 : 1))
    .filter((item) => page.after === undefined || idOf(item) > page.after);
  const shown = rest.slice(0, page.limit);
  const last = shown.at(-1);
  return { items: shown, ...(rest.length > page.limit && last && { last: idOf(last) }) };
}

function putOnce<T>(map: Map<string, T>, key: string, item: T): T {
  const stored = map.get(key) ?? item;
  map.set(key, stored);
  return stored;
}

/** Held to the same contract tests as the table. */
export function memoryFileStore(): FileStore {
  const files = new Map<string, FileItem>();
  return {
    addOnce: async (item) => putOnce(files, keyOf(item.tenant, item.fileId), item),
    find: async (tenant, fileId) => files.get(keyOf(tenant, fileId)),
    list: async (tenant, page) =>
      pageOf(
        [...files.values()].filter((item) => item.tenant === tenant),
        ({ fileId }) => fileId,
        page,
      ),
    async keepUpload({ tenant, fileId }, uploadId) {
      const item = files.get(keyOf(tenant, fileId));
      if (item === undefined) throw new Error('There is no such file.');
      const kept = item.uploadId ?? uploadId;
      files.set(keyOf(tenant, fileId), { ...item, uploadId: kept });
      return kept;
    },
    async forgetAwaiting({ tenant, fileId }) {
      const key = keyOf(tenant, fileId);
      if (files.get(key)?.status === 'awaiting-upload') files.delete(key);
    },
  };
}

export function memoryOrderStore(): OrderStore {
  const orders = new Map<string, OrderItem>();
  return {
    addOnce: async (order) => putOnce(orders, keyOf(order.tenant, order.orderId), order),
    find: async (tenant, orderId) => orders.get(keyOf(tenant, orderId)),
    list: async (tenant, page) =>
      pageOf(
        [...orders.values()].filter((order) => order.tenant === tenant),
        ({ orderId }) => orderId,
        page,
      ),
  };
}

export function memoryDeviceStore(): DeviceStore {
  const devices = new Map<string, DeviceItem>();
  return {
    addOnce: async (device) => putOnce(devices, device.deviceId, device),
    find: async (deviceId) => devices.get(deviceId),
    async change(seen, { set = {}, remove = [] }) {
      const stored = devices.get(seen.deviceId);
      if (stored === undefined || stored.revision !== seen.revision) return undefined;
      const rest = Object.entries({ ...stored, ...set }).filter(
        ([name]) => !remove.some((removed) => removed === name),
      );
      const changed = { ...Object.fromEntries(rest), revision: (stored.revision ?? 0) + 1 };
      devices.set(seen.deviceId, changed as DeviceItem);
      return changed as DeviceItem;
    },
    async remove(seen) {
      const stored = devices.get(seen.deviceId);
      return stored?.revision === seen.revision && devices.delete(seen.deviceId);
    },
    list: async (tenant, page) =>
      pageOf(
        [...devices.values()].filter((device) => device.tenant === tenant),
        ({ deviceId }) => deviceId,
        page,
      ),
  };
}

export function memoryCommandStore(): CommandStore & {
  /** As iot-ingest does when the device answers. */
  end(command: CommandItem, changes: Partial<CommandItem>): void;
} {
  const commands = new Map<string, CommandItem>();
  const keyOfCommand = ({ deviceId, commandId }: CommandItem) => keyOf(deviceId, commandId);
  return {
    end: (command, changes) => {
      commands.set(keyOfCommand(command), { ...command, ...changes });
    },
    addOnce: async (command) => putOnce(commands, keyOfCommand(command), command),
    find: async (deviceId, commandId) => commands.get(keyOf(deviceId, commandId)),
    async list(deviceId, { limit, after }) {
      const rest = [...commands.values()]
        .filter(
          (one) => one.deviceId === deviceId && (after === undefined || one.commandId < after),
        )
        .sort((one, other) => (one.commandId > other.commandId ? -1 : 1));
      const last = rest.at(limit - 1);
      return {
        items: rest.slice(0, limit),
        ...(rest.length > limit && last && { last: last.commandId }),
      };
    },
    async timeOut(command) {
      const stored = commands.get(keyOfCommand(command)) ?? command;
      const ended = stored.state === 'sent' ? { ...stored, state: 'timed_out' as const } : stored;
      commands.set(keyOfCommand(command), ended);
      return ended;
    },
  };
}

export function memoryOrderTimes(): OrderTimes {
  const times = new Map<string, string>();
  return {
    rememberFirst: async (tenant, orderId, time) => putOnce(times, keyOf(tenant, orderId), time),
  };
}

/** A stream that keeps what it took; `refuses` says what it does not take. */
export function memoryStream(
  refuses: (entry: StreamEntry, index: number) => boolean = () => false,
): EventStream & { taken(): readonly { key: string; event: Record<string, unknown> }[] } {
  const taken: { key: string; event: Record<string, unknown> }[] = [];
  return {
    async send(entries) {
      const refused = new Set<number>();
      for (const [index, entry] of entries.entries()) {
        if (refuses(entry, index)) refused.add(index);
        else {
          const event = JSON.parse(Buffer.from(entry.data).toString());
          taken.push({ key: entry.partitionKey, event });
        }
      }
      return refused;
    },
    taken: () => taken,
  };
}
