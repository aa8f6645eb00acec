import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateThingCommand,
  DeleteThingCommand,
  DetachThingPrincipalCommand,
  IoTClient,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueCertificate } from '../../src/iot/certificates/issue.ts';
import { type CloudFixture, startCloudFixture } from '../edge/cloud-fixture.ts';
import {
  allow,
  connectThing,
  grantsOf,
  makeCertificate,
  type Statement,
} from './things-fixture.ts';

let fixture: CloudFixture;
let iot: IoTClient;
beforeAll(async () => {
  fixture = await startCloudFixture();
  iot = new IoTClient(fixture.client);
});
afterAll(() => fixture.stop());

const THING = `\${iot:Connection.Thing.ThingName}`;
/** What a device may do: be itself. */
const itself: readonly Statement[] = [
  {
    ...allow('Connect', `client/${THING}`),
    Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
  },
  allow('Publish', `topic/devices/${THING}/telemetry`),
  allow('Subscribe', `topicfilter/devices/${THING}/commands`, 'topicfilter/devices/all'),
  allow('Receive', `topic/devices/${THING}/commands`),
];

const publishAs = async (topic: string, text: string) => {
  const plain = await mqtt.connectAsync(fixture.cloud.mqttUrl, { clientId: `plain-${topic}` });
  await plain.publishAsync(topic, text, { qos: 1 });
  await plain.endAsync();
};

describe('a device with a certificate', () => {
  it('publishes and hears as itself, and nothing else', async () => {
    const credentials = await makeCertificate(fixture, { thingName: 'pump', statements: itself });
    const device = await connectThing(fixture, 'pump', credentials);
    const other = await mqtt.connectAsync(fixture.cloud.mqttUrl, { clientId: 'observer' });
    const observed: string[] = [];
    other.on('message', (topic) => observed.push(topic));
    await other.subscribeAsync('devices/#', { qos: 1 });

    await device.client.publishAsync('devices/pump/telemetry', 'a', { qos: 1 });
    const filters = ['devices/pump/commands', 'devices/all', 'devices/other/commands'];
    expect(await grantsOf(device.client, filters)).toEqual([1, 1, 128]);
    await publishAs('devices/other/commands', 'not for the pump');
    await publishAs('devices/all', 'subscribed, but not to be received');
    await publishAs('devices/pump/commands', 'go');
    await expect.poll(() => device.heard).toEqual([{ topic: 'devices/pump/commands', text: 'go' }]);

    device.client.publish('devices/other/telemetry', 'forged', { qos: 1 });
    await device.closed;
    await publishAs('devices/end', '');
    await expect.poll(() => observed).toContain('devices/end');
    expect(observed).toContain('devices/pump/telemetry');
    expect(observed).not.toContain('devices/other/telemetry');
    await other.endAsync();
  });

  it('may not connect as another, without a policy, or once its thing is detached', async () => {
    const credentials = await makeCertificate(fixture, { thingName: 'lamp', statements: itself });
    await expect(connectThing(fixture, 'pump', credentials)).rejects.toThrow('Not authorized');
    const bare = await makeCertificate(fixture, { thingName: 'bare' });
    await expect(connectThing(fixture, 'bare', bare)).rejects.toThrow('Not authorized');
    await (await connectThing(fixture, 'lamp', credentials)).client.endAsync();
    const { arn: principal } = credentials;
    await iot.send(new DetachThingPrincipalCommand({ thingName: 'lamp', principal }));
    await expect(connectThing(fixture, 'lamp', credentials)).rejects.toThrow('Not authorized');
  });

  it('does not end the session of another by failing to take its client id', async () => {
    const credentials = await makeCertificate(fixture, { thingName: 'first', statements: itself });
    const stranger = await makeCertificate(fixture, { thingName: 'second', statements: itself });
    const device = await connectThing(fixture, 'first', credentials);
    await expect(connectThing(fixture, 'first', stranger)).rejects.toThrow('Not authorized');
    await device.client.publishAsync('devices/first/telemetry', 'still here', { qos: 1 });
    await device.client.endAsync();
  });

  it('is disconnected when its certificate is made inactive, and let in when it is active again', async () => {
    const credentials = await makeCertificate(fixture, { thingName: 'door', statements: itself });
    const { certificateId } = credentials;
    const device = await connectThing(fixture, 'door', credentials);
    await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
    await device.closed;
    await expect(connectThing(fixture, 'door', credentials)).rejects.toThrow('Not authorized');
    await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'ACTIVE' }));
    await (await connectThing(fixture, 'door', credentials)).client.endAsync();
  });

  it('keeps no subscription that it was refused beside one that it was granted', async () => {
    const credentials = await makeCertificate(fixture, {
      thingName: 'gate',
      statements: [...itself, allow('Receive', 'topic/*')],
    });
    const away = { clean: false };
    const device = await connectThing(fixture, 'gate', credentials, away);
    expect(await grantsOf(device.client, ['devices/gate/commands', 'secrets'])).toEqual([1, 128]);
    await device.client.endAsync();
    await publishAs('secrets', 'hush');
    await publishAs('devices/gate/commands', 'open');
    const back = await connectThing(fixture, 'gate', credentials, away);
    await expect.poll(() => back.heard).toHaveLength(1);
    await publishAs('secrets', 'hush again');
    await publishAs('devices/gate/commands', 'close');
    await expect.poll(() => back.heard.map(({ text }) => text)).toEqual(['open', 'close']);
    await back.client.endAsync();
  });

  it('may retain only what its policy lets it retain', async () => {
    const credentials = await makeCertificate(fixture, { thingName: 'sign', statements: itself });
    const device = await connectThing(fixture, 'sign', credentials);
    device.client.publish('devices/sign/telemetry', 'a', { qos: 1, retain: true });
    await device.closed;
  });

  it('leaves a will only where it may publish', async () => {
    const credentials = await makeCertificate(fixture, { thingName: 'will', statements: itself });
    const heard: string[] = [];
    const other = await mqtt.connectAsync(fixture.cloud.mqttUrl, { clientId: 'heir' });
    other.on('message', (topic) => heard.push(topic));
    await other.subscribeAsync('#', { qos: 1 });
    for (const topic of ['devices/other/telemetry', 'devices/will/telemetry']) {
      const will = { topic, payload: Buffer.from('gone'), qos: 1, retain: false } as const;
      const device = await connectThing(fixture, 'will', credentials, { will });
      device.client.stream.destroy();
      await device.closed;
    }
    await expect.poll(() => heard).toContain('devices/will/telemetry');
    expect(heard).not.toContain('devices/other/telemetry');
    await other.endAsync();
  });
});

describe('TLS', () => {
  it('refuses who has no certificate, or one that others signed', async () => {
    await expect(connectThing(fixture, 'anybody', {})).rejects.toThrow();
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const cert = issueCertificate({
      ...{ subject: 'pump', publicKey, use: 'client' },
      ...{ issuer: 'Millrace local CA', issuerKey: privateKey, issuerPublicKey: publicKey },
    });
    const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await expect(connectThing(fixture, 'pump', { cert, key })).rejects.toThrow();
  });

  it('shows devices a certificate of the local CA, for localhost', async () => {
    const credentials = await makeCertificate(fixture, { thingName: 'wary', statements: itself });
    const strict = { ...credentials, rejectUnauthorized: true };
    await (await connectThing(fixture, 'wary', strict)).client.endAsync();
    const elsewhere = { ...credentials, ca: credentials.cert };
    await expect(connectThing(fixture, 'wary', elsewhere)).rejects.toThrow();
  });
});

describe("a certificate signed with the authority's key for a thing's name", () => {
  const signFor = (subject: string) => {
    const issuerKey = createPrivateKey(
      readFileSync(join(fixture.cloud.state.dir, 'iot', 'ca.key'), 'utf8'),
    );
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const issuer = { issuer: 'Millrace local CA', issuerPublicKey: createPublicKey(issuerKey) };
    const cert = issueCertificate({ ...issuer, issuerKey, subject, publicKey, use: 'client' });
    return { cert, key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) };
  };

  it("is the thing's, with the policies of its other certificates", async () => {
    await makeCertificate(fixture, { thingName: 'named', statements: itself });
    const device = await connectThing(fixture, 'named', signFor('named'));
    await device.client.publishAsync('devices/named/telemetry', 'a', { qos: 1 });
    await device.client.endAsync();
  });

  it('lets nobody in where the thing has no certificate that is active, or is not there', async () => {
    const once = await makeCertificate(fixture, { thingName: 'stolen', statements: itself });
    const { certificateId } = once;
    await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'REVOKED' }));
    const stolen = connectThing(fixture, 'stolen', signFor('stolen'));
    await expect(stolen).rejects.toThrow('Not authorized');
    await iot.send(new CreateThingCommand({ thingName: 'brief' }));
    await iot.send(new DeleteThingCommand({ thingName: 'brief' }));
    const brief = connectThing(fixture, 'brief', signFor('brief'));
    await expect(brief).rejects.toThrow('Not authorized');
  });
});

it('tells the certificate as the principal of lifecycle events, and why a session ended', async () => {
  const credentials = await makeCertificate(fixture, { thingName: 'seen', statements: itself });
  const { certificateId } = credentials;
  const observer = await mqtt.connectAsync(fixture.cloud.mqttUrl, { clientId: 'presence' });
  const events: Record<string, unknown>[] = [];
  observer.on('message', (_, payload) => events.push(JSON.parse(payload.toString())));
  await observer.subscribeAsync('$aws/events/presence/+/seen', { qos: 1 });
  const device = await connectThing(fixture, 'seen', credentials);
  await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'REVOKED' }));
  await device.closed;
  await expect.poll(() => events).toHaveLength(2);
  expect(events).toMatchObject([
    { eventType: 'connected', principalIdentifier: certificateId },
    {
      eventType: 'disconnected',
      principalIdentifier: certificateId,
      disconnectReason: 'AUTH_ERROR',
      clientInitiatedDisconnect: false,
    },
  ]);
  await observer.endAsync();
});

it('asks the port without TLS for no certificate', async () => {
  const client = await mqtt.connectAsync(fixture.cloud.mqttUrl, { clientId: 'seen' });
  await client.publishAsync('devices/anybody/telemetry', 'a', { qos: 1 });
  await client.endAsync();
});
