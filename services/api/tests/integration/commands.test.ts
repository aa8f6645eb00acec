import type { CloudStatus } from '@millrace/local-cloud/status';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import { type CommandMessage, topics } from '@millrace/types';
import mqtt from 'mqtt';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Caller, callerWith } from '../support/http-client.ts';
import { usersOf } from '../support/users.ts';

const stack = testStack('iot-ingest', 'api');
const users = usersOf(stack);
let acme: Caller;
let other: Caller;

beforeAll(async () => {
  acme = callerWith(stack.apiUrl, (await users.signIn('jane@example.com', 'acme')).idToken);
  other = callerWith(stack.apiUrl, (await users.signIn('joe@example.com')).idToken);
});

const codeOf = (answer: Answer) => `${answer.status} ${answer.at('code')}`;
const send = (deviceId: string, key: string, body: unknown, caller = acme) =>
  caller('POST', `/v1/devices/${deviceId}/commands`, {
    body,
    headers: { 'idempotency-key': key },
  });
const stateOf = (state: string) => (answer: Answer) => answer.at('state') === state;

/** Nothing that was published waits for its function any more. */
async function handled(): Promise<void> {
  await eventually(
    async () => (await fetch(`${stack.edgeUrl}/_millrace/status`)).json() as Promise<CloudStatus>,
    ({ asynchronousInvocations: { queued } }) => queued === 0,
  );
}

/** A device that hears its commands; it answers when it is told to. */
async function connectDevice(clientId: string) {
  const client = await mqtt.connectAsync(stack.mqttUrl, { clientId });
  const heard: CommandMessage[] = [];
  client.on('message', (_topic, payload) => heard.push(JSON.parse(payload.toString())));
  await client.subscribeAsync(topics.commands(clientId), { qos: 1 });
  return {
    heard,
    answer: (commandId: unknown, result: unknown) =>
      client.publishAsync(
        topics.commandResult(clientId, String(commandId)),
        JSON.stringify(result),
        {
          qos: 1,
        },
      ),
    [Symbol.asyncDispose]: () => client.endAsync(),
  };
}

describe('a command', () => {
  it('goes to the device, and what the device says ends it once', async () => {
    await acme('POST', '/v1/devices', { body: { deviceId: 'gate-1' } });
    await using device = await connectDevice('gate-1');
    const sent = await send('gate-1', 'k1', { name: 'open', payload: { by: 0.5 } });
    expect([sent.status, sent.at('state')]).toEqual([202, 'sent']);
    const commandId = sent.at('commandId');
    await eventually(
      async () => device.heard.length,
      (count) => count > 0,
    );
    expect(device.heard[0]).toMatchObject({ commandId, name: 'open', payload: { by: 0.5 } });
    await device.answer(commandId, { outcome: 'failed', payload: { code: 'stuck' } });
    const path = `/v1/devices/gate-1/commands/${commandId}`;
    await eventually(() => acme('GET', path), stateOf('failed'));
    // Only now: answers are handled side by side, and the first to be handled ends the command.
    await device.answer(commandId, { outcome: 'succeeded' });
    await handled();
    const ended = await acme('GET', path);
    expect([ended.at('state'), ended.at('result', 'payload')]).toEqual([
      'failed',
      { code: 'stuck' },
    ]);
    const again = await send('gate-1', 'k1', { name: 'open', payload: { by: 0.5 } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect([again.at('commandId'), again.at('state')]).toEqual([commandId, 'failed']);
    expect((await acme('GET', '/v1/devices/gate-1/commands')).at('items', 0, 'commandId')).toBe(
      commandId,
    );
    expect(codeOf(await other('GET', path))).toBe('404 device_not_found');
    expect(codeOf(await send('gate-1', 'k2', { name: 'open' }, other))).toBe(
      '404 device_not_found',
    );
  });

  it('that is answered too late has timed out, and shows the late answer', async () => {
    await acme('POST', '/v1/devices', { body: { deviceId: 'gate-2' } });
    await using device = await connectDevice('gate-2');
    const sent = await send('gate-2', 'k1', { name: 'open', timeoutSeconds: 1 });
    const path = `/v1/devices/gate-2/commands/${sent.at('commandId')}`;
    await eventually(() => acme('GET', path), stateOf('timed_out'));
    await device.answer(sent.at('commandId'), { outcome: 'succeeded' });
    const late = await eventually(
      () => acme('GET', path),
      (answer) => answer.at('lateResult') !== undefined,
    );
    expect([late.at('state'), late.at('result')]).toEqual(['timed_out', undefined]);
  });

  it.each([
    ['no name', {}],
    ['an odd name', { name: 'rm -rf' }],
    ['a payload that no message holds', { name: 'open', payload: 'x'.repeat(100_001) }],
    ['no time', { name: 'open', timeoutSeconds: 0 }],
  ])('with %s is refused', async (_case, body) => {
    await acme('POST', '/v1/devices', { body: { deviceId: 'gate-3' } });
    expect(codeOf(await send('gate-3', 'k', body))).toBe('400 invalid_request');
  });
});
