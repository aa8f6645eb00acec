import {
  DeleteThingShadowCommand,
  GetThingShadowCommand,
  IoTDataPlaneClient,
  PublishCommand,
  UpdateThingShadowCommand,
} from '@aws-sdk/client-iot-data-plane';
import mqtt, { type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCloud } from '../../src/cloud.ts';
import { type CloudFixture, clientSettings, startCloudFixture } from '../edge/cloud-fixture.ts';
import { allow, connectThing, grantsOf, makeCertificate } from './things-fixture.ts';

let fixture: CloudFixture;
let data: IoTDataPlaneClient;
let device: MqttClient;
let heard: { topic: string; document: Record<string, unknown> }[];
beforeEach(async () => {
  fixture = await startCloudFixture();
  data = new IoTDataPlaneClient({ ...fixture.client, maxAttempts: 1 });
  device = await mqtt.connectAsync(fixture.cloud.mqttUrl, { clientId: 'pump' });
  heard = [];
  device.on('message', (topic, payload) => {
    const short = topic.replace('$aws/things/pump/shadow/', '');
    heard.push({ topic: short, document: JSON.parse(payload.toString()) });
  });
  await device.subscribeAsync('$aws/things/pump/shadow/+/+', { qos: 1 });
});
afterEach(async () => {
  await device.endAsync(true);
  await fixture.stop();
});

const ask = (operation: string, document: unknown = {}) =>
  device.publishAsync(`$aws/things/pump/shadow/${operation}`, JSON.stringify(document), { qos: 1 });
const said = (topic: string) =>
  heard.filter((message) => message.topic === topic).map(({ document }) => document);
const payloadOf = (answer: { payload?: Uint8Array }) =>
  JSON.parse(Buffer.from(answer.payload ?? []).toString());
const update = (document: unknown, client = data) =>
  client.send(
    new UpdateThingShadowCommand({
      thingName: 'pump',
      payload: Buffer.from(JSON.stringify(document)),
    }),
  );
const read = async (client = data) =>
  payloadOf(await client.send(new GetThingShadowCommand({ thingName: 'pump' })));
const refusal = (call: Promise<unknown>) =>
  call.then(
    () => 'accepted',
    (error: Error) => error.name,
  );

describe('a shadow over MQTT', () => {
  it('answers an update with what it took, tells the difference and the whole', async () => {
    await ask('update', {
      state: { desired: { level: 3, lamp: { on: true, colour: 'red' } }, reported: { level: 1 } },
      clientToken: 'first',
    });
    const timestamp = expect.any(Number);
    const at = { timestamp };
    const [accepted] = said('update/accepted');
    expect(accepted).toEqual({
      state: { desired: { level: 3, lamp: { on: true, colour: 'red' } }, reported: { level: 1 } },
      metadata: {
        desired: { level: at, lamp: { on: at, colour: at } },
        reported: { level: at },
      },
      ...{ version: 1, timestamp, clientToken: 'first' },
    });
    await ask('update', { state: { reported: { level: 3, lamp: { on: true } } } });
    await expect.poll(() => said('update/delta')).toHaveLength(2);
    expect(said('update/delta')[1]).toEqual({
      state: { lamp: { colour: 'red' } },
      metadata: { lamp: { colour: at } },
      ...{ version: 2, timestamp },
    });
    const documents = said('update/documents')[1];
    expect(documents).toMatchObject({
      previous: { state: { reported: { level: 1 } }, version: 1 },
      current: { state: { reported: { level: 3, lamp: { on: true } } }, version: 2 },
    });
  });

  it('says no more of a difference once it is reported', async () => {
    await ask('update', { state: { desired: { on: true } } });
    await ask('update', { state: { reported: { on: true } } });
    await expect.poll(() => said('update/accepted')).toHaveLength(2);
    expect(said('update/delta')).toHaveLength(1);
  });

  it('removes what is null, and the section that is null', async () => {
    await ask('update', { state: { desired: { a: 1, b: { c: 2, d: 3 } }, reported: { a: 1 } } });
    await ask('update', { state: { desired: { a: null, b: { c: null } }, reported: null } });
    await ask('get', { clientToken: 'question' });
    await expect.poll(() => said('get/accepted')).toHaveLength(1);
    expect(said('get/accepted')[0]).toMatchObject({ version: 2, clientToken: 'question' });
    expect(said('get/accepted')[0]?.state).toEqual({
      desired: { b: { d: 3 } },
      delta: { b: { d: 3 } },
    });
  });

  it('refuses an update of another version, and keeps the versions of a deleted shadow', async () => {
    await ask('update', { state: { desired: { a: 1 } }, version: 0 });
    await ask('update', { state: { desired: { a: 2 } }, version: 0, clientToken: 'late' });
    await expect.poll(() => said('update/rejected')).toHaveLength(1);
    expect(said('update/rejected')[0]).toMatchObject({
      ...{ code: 409, message: 'Version conflict', clientToken: 'late' },
    });
    await ask('delete');
    await ask('get');
    await expect.poll(() => said('get/rejected')).toHaveLength(1);
    expect(said('delete/accepted')[0]).toMatchObject({ version: 1 });
    expect(said('get/rejected')[0]).toMatchObject({
      ...{ code: 404, message: "No shadow exists with name: 'pump'" },
    });
    await ask('update', { state: { desired: { a: 3 } } });
    await expect.poll(() => said('update/accepted').at(-1)).toMatchObject({ version: 2 });
  });

  it.each([
    ['{', 'Invalid JSON'],
    ['{}', 'Missing required node: state'],
    ['{"state":1}', 'State node must be an object'],
    ['{"state":{"desired":[]}}', 'Desired node must be an object'],
    ['{"state":{"reported":1}}', 'Reported node must be an object'],
    ['{"state":{"wished":{}}}', 'State contains an invalid node'],
    ['{"state":{"desired":{"a":[null]}}}', 'State contains an invalid node'],
    ['{"state":{},"version":"1"}', 'Invalid version'],
    [`{"state":{},"clientToken":"${'x'.repeat(65)}"}`, 'Invalid clientToken'],
    [
      `{"state":{"desired":${'{"a":'.repeat(9)}1${'}'.repeat(9)}}}`,
      'JSON contains too many levels of nesting; maximum is 8',
    ],
  ])('refuses %.40s', async (payload, message) => {
    await device.publishAsync('$aws/things/pump/shadow/update', payload, { qos: 1 });
    await expect.poll(() => said('update/rejected')).toHaveLength(1);
    expect(said('update/rejected')[0]).toMatchObject({ code: 400, message });
  });

  it('holds 8 KB of state and no more', async () => {
    const room = 8 * 1024 - '{"desired":{"a":""},"reported":{}}'.length;
    await ask('update', { state: { desired: { a: 'x'.repeat(room) } } });
    await ask('update', { state: { desired: { a: 'x'.repeat(room + 1) } } });
    await expect.poll(() => said('update/rejected')).toHaveLength(1);
    expect(said('update/accepted')).toHaveLength(1);
    expect(said('update/rejected')[0]).toMatchObject({ code: 413 });
  });

  it('waits for a device that is away', async () => {
    const away = { clientId: 'away', clean: false };
    const before = await mqtt.connectAsync(fixture.cloud.mqttUrl, away);
    await before.subscribeAsync('$aws/things/pump/shadow/update/delta', { qos: 1 });
    await before.endAsync();
    await update({ state: { desired: { on: true } } });
    const after = mqtt.connect(fixture.cloud.mqttUrl, away);
    const texts: string[] = [];
    after.on('message', (_, payload) => texts.push(payload.toString()));
    await expect.poll(() => texts).toHaveLength(1);
    expect(JSON.parse(texts[0] ?? '').state).toEqual({ on: true });
    await after.endAsync();
  });

  it('lets a device with a certificate ask only for what its policy names', async () => {
    const own = '$aws/things/lamp/shadow';
    const credentials = await makeCertificate(fixture, {
      thingName: 'lamp',
      statements: [
        allow('Connect', 'client/lamp'),
        allow('Publish', `topic/${own}/*`),
        allow('Subscribe', `topicfilter/${own}/*`),
        allow('Receive', `topic/${own}/*`),
      ],
    });
    const lamp = await connectThing(fixture, 'lamp', credentials);
    const filters = [`${own}/get/+`, '$aws/things/pump/shadow/get/+'];
    expect(await grantsOf(lamp.client, filters)).toEqual([1, 128]);
    await lamp.client.publishAsync(`${own}/get`, '', { qos: 1 });
    await expect.poll(() => lamp.heard.map(({ topic }) => topic)).toEqual([`${own}/get/rejected`]);
    lamp.client.publish('$aws/things/pump/shadow/update', '{"state":{"desired":{"a":1}}}', {
      qos: 1,
    });
    await lamp.closed;
    expect(await refusal(read())).toBe('ResourceNotFoundException');
  });
});

describe('a shadow over HTTP', () => {
  it('is the same shadow, and tells devices what changed', async () => {
    expect(await refusal(read())).toBe('ResourceNotFoundException');
    const answer = payloadOf(await update({ state: { desired: { on: true } }, clientToken: 'x' }));
    expect(answer).toMatchObject({ version: 1, clientToken: 'x' });
    await expect.poll(() => said('update/delta')).toHaveLength(1);
    await ask('update', { state: { reported: { on: false } } });
    expect((await read()).state).toEqual({
      desired: { on: true },
      reported: { on: false },
      delta: { on: true },
    });
    expect(await refusal(update({ state: { desired: { on: false } }, version: 1 }))).toBe(
      'ConflictException',
    );
    expect(await refusal(update({ state: 1 }))).toBe('InvalidRequestException');
    await data.send(new DeleteThingShadowCommand({ thingName: 'pump' }));
    expect(await refusal(read())).toBe('ResourceNotFoundException');
  });

  it('is asked by publishing too, but nobody speaks for it', async () => {
    const send = (topic: string) =>
      data.send(
        new PublishCommand({
          topic,
          qos: 1,
          payload: Buffer.from('{"state":{"desired":{"a":1}}}'),
        }),
      );
    await send('$aws/things/pump/shadow/update');
    expect((await read()).state.desired).toEqual({ a: 1 });
    expect(await refusal(send('$aws/things/pump/shadow/update/accepted'))).toBe(
      'InvalidRequestException',
    );
  });

  it('stays over a restart, with its version', async () => {
    await update({ state: { desired: { on: true } } });
    const before = await read();
    const stateDir = fixture.cloud.state.dir;
    await fixture.cloud.close();
    const cloud = await startCloud({ stateDir, edgePort: 0, mqttPort: 0 });
    try {
      const again = new IoTDataPlaneClient(clientSettings(cloud.edgeUrl));
      const { timestamp: _, ...after } = await read(again);
      const { timestamp: __, ...expected } = before;
      expect(after).toEqual(expected);
      expect(payloadOf(await update({ state: {}, version: 1 }, again)).version).toBe(2);
    } finally {
      await cloud.close();
    }
  });
});
