import { isDeepStrictEqual } from 'node:util';
import {
  type CommandItem,
  type CommandRequest,
  type CommandResource,
  type CommandResultItem,
  ProblemError,
} from '@millrace/types';
import { deviceOf } from '../devices/devices.ts';
import type { DeviceStore } from '../devices/ports.ts';
import { idOfRequest } from '../identifiers.ts';
import type { OrderTimes } from '../orders/ports.ts';
import type { PageRequest, StoredPage } from '../paging.ts';
import type { CommandStore, CommandTopic } from './ports.ts';

export interface CommandPorts {
  readonly devices: DeviceStore;
  readonly commands: CommandStore;
  readonly topic: CommandTopic;
  /** Remembers for a week when a key came first. */
  readonly times: OrderTimes;
}

const KEPT_SECONDS = 90 * 86_400;

/**
 * Sends a command to a device, once per Idempotency-Key: the command is stored before it is sent, so
 * a repetition finds it, and sends it again only while somebody may still wait for it. The device may
 * hear it twice, under the same id.
 *
 * @throws ProblemError device_not_found, device_is_disabled, idempotency_key_reused
 */
export async function sendCommand(
  request: CommandRequest,
  context: {
    readonly tenant: string;
    readonly deviceId: string;
    readonly idempotencyKey: string;
    readonly now: number;
  },
  ports: CommandPorts,
): Promise<{ readonly command: CommandItem; readonly isNew: boolean }> {
  const { tenant, deviceId, idempotencyKey, now } = context;
  const device = await deviceOf(ports.devices, tenant, deviceId);
  if (device.status !== 'active') {
    throw new ProblemError('device_is_disabled', 'The device hears nothing; enable it first.');
  }
  const digest = idOfRequest('command', tenant, deviceId, idempotencyKey);
  const createdAt = await ports.times.rememberFirst(tenant, digest, new Date(now).toISOString());
  const wanted = commandOf(request, { tenant, deviceId, createdAt, digest });
  const stored = await ports.commands.addOnce(wanted);
  requireSame(stored, wanted);
  const command = await afterTimeout(stored, now, ports.commands);
  if (command.state === 'sent') await ports.topic.send(deviceId, messageOf(command));
  return { command, isNew: stored === wanted };
}

function commandOf(
  { name, payload, timeoutSeconds }: CommandRequest,
  about: { tenant: string; deviceId: string; createdAt: string; digest: string },
): CommandItem {
  const { tenant, deviceId, createdAt, digest } = about;
  const time = Date.parse(createdAt);
  return {
    deviceId,
    // Nine digits of base 36 hold the milliseconds until the year 5188: ids sort by their time.
    commandId: `${time.toString(36).padStart(9, '0')}-${digest}`,
    tenant,
    name,
    ...(payload !== undefined && { payload: JSON.stringify(payload) }),
    state: 'sent',
    createdAt,
    timeoutAt: time + timeoutSeconds * 1000,
    expiresAt: Math.ceil(time / 1000) + timeoutSeconds + KEPT_SECONDS,
  };
}

function requireSame(stored: CommandItem, wanted: CommandItem): void {
  const askedFor = ({ tenant, name, payload, timeoutAt }: CommandItem) => [
    tenant,
    name,
    payload,
    timeoutAt,
  ];
  if (isDeepStrictEqual(askedFor(stored), askedFor(wanted))) return;
  throw new ProblemError(
    'idempotency_key_reused',
    'This Idempotency-Key came with another command before; take a new key for a new command.',
  );
}

function messageOf({ commandId, name, payload, timeoutAt }: CommandItem) {
  return {
    commandId,
    name,
    ...(payload !== undefined && { payload: JSON.parse(payload) as unknown }),
    timeoutAt: new Date(timeoutAt).toISOString(),
  };
}

/**
 * A command times out when somebody looks, or when its result comes too late: nobody has to watch
 * the clock. Whoever is first writes it down, so that what one reader was told stays so.
 */
async function afterTimeout(
  command: CommandItem,
  now: number,
  commands: CommandStore,
): Promise<CommandItem> {
  return command.state === 'sent' && command.timeoutAt < now
    ? await commands.timeOut(command)
    : command;
}

/** @throws ProblemError device_not_found, command_not_found */
export async function commandOfDevice(
  context: { tenant: string; deviceId: string; commandId: string; now: number },
  { devices, commands }: Pick<CommandPorts, 'devices' | 'commands'>,
): Promise<CommandItem> {
  const { tenant, deviceId, commandId, now } = context;
  await deviceOf(devices, tenant, deviceId);
  const command = await commands.find(deviceId, commandId);
  // A device id may have been another tenant's before.
  if (command?.tenant === tenant) return afterTimeout(command, now, commands);
  throw new ProblemError('command_not_found', 'There is no command of this device with this id.');
}

/** @throws ProblemError device_not_found */
export async function commandsOfDevice(
  context: { tenant: string; deviceId: string; now: number; page: PageRequest },
  { devices, commands }: Pick<CommandPorts, 'devices' | 'commands'>,
): Promise<StoredPage<CommandItem>> {
  const { tenant, deviceId, now, page } = context;
  await deviceOf(devices, tenant, deviceId);
  const { items, ...rest } = await commands.list(deviceId, page);
  const own = items.filter((command) => command.tenant === tenant);
  return {
    ...rest,
    items: await Promise.all(own.map((command) => afterTimeout(command, now, commands))),
  };
}

export function presentCommand(command: CommandItem): CommandResource {
  const { commandId, deviceId, name, payload, state, createdAt, timeoutAt } = command;
  const { result, lateResult } = command;
  return {
    commandId,
    deviceId,
    name,
    ...(payload !== undefined && { payload: JSON.parse(payload) as unknown }),
    state,
    createdAt,
    timeoutAt: new Date(timeoutAt).toISOString(),
    ...(result && { result: presentResult(result) }),
    ...(lateResult && { lateResult: presentResult(lateResult) }),
  };
}

function presentResult({ outcome, payload, at }: CommandResultItem) {
  return {
    outcome,
    ...(payload !== undefined && { payload: JSON.parse(payload) as unknown }),
    at: new Date(at).toISOString(),
  };
}
