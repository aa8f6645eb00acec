import { IoTDataPlaneClient, UpdateThingShadowCommand } from '@aws-sdk/client-iot-data-plane';
import { testStack } from '@millrace/local-cloud/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Caller, callerWith } from '../support/http-client.ts';
import { usersOf } from '../support/users.ts';

const stack = testStack('iot-ingest', 'api');
const users = usersOf(stack);
const broker = stack.client(IoTDataPlaneClient);
let acme: Caller;
let other: Caller;

beforeAll(async () => {
  acme = callerWith(stack.apiUrl, (await users.signIn('jane@example.com', 'acme')).idToken);
  other = callerWith(stack.apiUrl, (await users.signIn('joe@example.com')).idToken);
});

const codeOf = (answer: Answer) => `${answer.status} ${answer.at('code')}`;
const register = (deviceId: string, caller = acme) =>
  caller('POST', '/v1/devices', { body: { deviceId } });
const desire = (deviceId: string, body: unknown, ifMatch?: string, caller = acme) =>
  caller('PATCH', `/v1/devices/${deviceId}/desired`, {
    body,
    headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
  });

describe('the shadow of a device', () => {
  it('says what it should be, what it is, and what is between', async () => {
    await register('lamp-1');
    const blank = await acme('GET', '/v1/devices/lamp-1/shadow');
    expect([blank.at('version'), blank.headers.get('etag')]).toEqual([0, null]);
    await desire('lamp-1', { power: 'on', colour: { red: 9, blue: 1 } });
    const reported = { power: 'on', colour: { red: 9, blue: 7 } };
    const payload = Buffer.from(JSON.stringify({ state: { reported } }));
    await broker.send(new UpdateThingShadowCommand({ thingName: 'lamp-1', payload }));
    const shadow = await acme('GET', '/v1/devices/lamp-1/shadow');
    expect(JSON.parse(shadow.text)).toEqual({
      deviceId: 'lamp-1',
      desired: { power: 'on', colour: { red: 9, blue: 1 } },
      reported,
      delta: { colour: { blue: 1 } },
      version: 2,
    });
    const merged = await desire('lamp-1', { colour: { blue: null } });
    expect(merged.at('desired')).toEqual({ power: 'on', colour: { red: 9 } });
  });

  it('is changed by one of two who have seen the same', async () => {
    await register('lamp-2');
    const first = await desire('lamp-2', { power: 'on' });
    const etag = String(first.headers.get('etag'));
    expect((await desire('lamp-2', { power: 'off' }, etag)).status).toBe(200);
    expect(codeOf(await desire('lamp-2', { power: 'dim' }, etag))).toBe('412 precondition_failed');
    expect(codeOf(await desire('lamp-2', {}, 'nonsense'))).toBe('412 precondition_failed');
    const shadow = await acme('GET', '/v1/devices/lamp-2/shadow');
    expect(shadow.at('desired', 'power')).toBe('off');
  });

  it('is refused where it is too large', async () => {
    await register('lamp-3');
    expect(codeOf(await desire('lamp-3', { text: 'x'.repeat(9_000) }))).toBe(
      '413 payload_too_large',
    );
  });

  it("is nobody else's, not even of who has the device id next", async () => {
    await register('lamp-4');
    await desire('lamp-4', { secret: 'ours' });
    expect(codeOf(await other('GET', '/v1/devices/lamp-4/shadow'))).toBe('404 device_not_found');
    expect(codeOf(await desire('lamp-4', {}, undefined, other))).toBe('404 device_not_found');
    expect((await acme('DELETE', '/v1/devices/lamp-4')).status).toBe(204);
    expect((await register('lamp-4', other)).status).toBe(201);
    const shadow = await other('GET', '/v1/devices/lamp-4/shadow');
    expect(shadow.at('desired')).toEqual({});
  });
});
