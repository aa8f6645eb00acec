import { CommandMessage, CommandResource, validate } from '@millrace/types';
import { describe, expect, it } from 'vitest';
import {
  commandOfDevice,
  commandsOfDevice,
  presentCommand,
  sendCommand,
} from '../../src/domain/commands/commands.ts';
import { registerDevice } from '../../src/domain/devices/devices.ts';
import {
  memoryCommandStore,
  memoryDeviceStore,
  memoryOrderTimes,
} from '../support/memory-stores.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const mill = { tenant: 'mill', deviceId: 'wheel-1' };
const turn = { name: 'turn', payload: { by: 90 }, timeoutSeconds: 60 };

async function scenario() {
  const devices = memoryDeviceStore();
  const commands = memoryCommandStore();
  const sent: { deviceId: string; message: CommandMessage }[] = [];
  const broker = { isAway: false };
  const ports = {
    devices,
    commands,
    times: memoryOrderTimes(),
    topic: {
      async send(deviceId: string, message: CommandMessage) {
        if (broker.isAway) throw new Error('away');
        sent.push({ deviceId, message });
      },
    },
  };
  await registerDevice({ deviceId: 'wheel-1' }, { tenant: 'mill', now: NOW }, devices);
  const send = (key: string, now = NOW, request: typeof turn = turn) =>
    sendCommand(request, { ...mill, idempotencyKey: key, now }, ports);
  const read = (commandId: string, now = NOW) =>
    commandOfDevice({ ...mill, commandId, now }, ports);
  return { ports, commands, devices, sent, broker, send, read };
}

describe('a command', () => {
  it('is sent to the device with its id and the time until which somebody waits', async () => {
    const { send, sent } = await scenario();
    const { command, isNew } = await send('k1');
    expect(isNew).toBe(true);
    expect(presentCommand(command)).toMatchObject({
      state: 'sent',
      payload: { by: 90 },
      timeoutAt: '2026-11-24T12:01:00.000Z',
    });
    expect(validate(CommandResource, presentCommand(command)).ok).toBe(true);
    expect(sent).toEqual([
      {
        deviceId: 'wheel-1',
        message: {
          commandId: command.commandId,
          name: 'turn',
          payload: { by: 90 },
          timeoutAt: '2026-11-24T12:01:00.000Z',
        },
      },
    ]);
    expect(validate(CommandMessage, sent[0]?.message).ok).toBe(true);
  });

  it('is the same command when it is repeated after a crash, with the same time', async () => {
    const { send, sent, broker } = await scenario();
    broker.isAway = true;
    await expect(send('k1')).rejects.toThrow('away');
    broker.isAway = false;
    const { command } = await send('k1', NOW + 30_000);
    const again = await send('k1', NOW + 40_000);
    expect(again.command).toEqual(command);
    expect(new Set(sent.map(({ message }) => message.commandId)).size).toBe(1);
    expect(command.timeoutAt).toBe(NOW + 60_000);
  });

  it('is not sent again when its time is over or it has ended', async () => {
    const { send, sent, commands } = await scenario();
    const late = await send('k1');
    expect((await send('k1', NOW + 61_000)).command.state).toBe('timed_out');
    const { command } = await send('k2');
    commands.end(command, { state: 'succeeded' });
    expect((await send('k2')).command.state).toBe('succeeded');
    expect(sent.map(({ message }) => message.commandId)).toEqual([
      late.command.commandId,
      command.commandId,
    ]);
  });

  it('with another body under the same key is refused', async () => {
    const { send } = await scenario();
    await send('k1');
    await expect(send('k1', NOW, { ...turn, payload: { by: 91 } })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });

  it('times out when somebody looks, and stays so', async () => {
    const { send, read, commands } = await scenario();
    const { command } = await send('k1');
    expect((await read(command.commandId, NOW + 60_000)).state).toBe('sent');
    expect((await read(command.commandId, NOW + 60_001)).state).toBe('timed_out');
    expect((await commands.find('wheel-1', command.commandId))?.state).toBe('timed_out');
    const listed = await commandsOfDevice(
      { ...mill, now: NOW, page: { limit: 5 } },
      { ...(await scenario()).ports, commands },
    );
    expect(listed.items.map(({ state }) => state)).toEqual(['timed_out']);
  });

  it('is not sent to a device that is disabled, unknown or of another tenant', async () => {
    const { send, ports, devices, sent } = await scenario();
    const device = await devices.find('wheel-1');
    const disabled = device && (await devices.change(device, { set: { status: 'disabled' } }));
    expect(disabled).toBeDefined();
    await expect(send('k1')).rejects.toMatchObject({ code: 'device_is_disabled' });
    const other = { idempotencyKey: 'k', now: NOW, deviceId: 'wheel-1', tenant: 'other' };
    await expect(sendCommand(turn, other, ports)).rejects.toMatchObject({
      code: 'device_not_found',
    });
    expect(sent).toEqual([]);
  });

  it('of the tenant that had the device id before is nobody else’s', async () => {
    const { send, ports, commands } = await scenario();
    const { command } = await send('k1');
    commands.end(command, { tenant: 'former' });
    const context = { ...mill, now: NOW };
    await expect(
      commandOfDevice({ ...context, commandId: command.commandId }, ports),
    ).rejects.toMatchObject({ code: 'command_not_found' });
    const page = await commandsOfDevice({ ...context, page: { limit: 5 } }, ports);
    expect(page.items).toEqual([]);
  });

  it('sorts by its time', async () => {
    const { send } = await scenario();
    const ids = [];
    for (const at of [1, 50, 4_000, 90_000_000]) {
      ids.push((await send(`k${at}`, NOW + at)).command.commandId);
    }
    expect(ids.toSorted()).toEqual(ids);
  });
});
