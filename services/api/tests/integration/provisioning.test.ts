import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import {
  AttachPolicyCommand,
  CreateKeysAndCertificateCommand,
  DescribeCertificateCommand,
  IoTClient,
  ListThingPrincipalsCommand,
} from '@aws-sdk/client-iot';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import { topics } from '@millrace/types';
import { beforeAll, expect, it } from 'vitest';
import { type Answer, type Caller, callerWith } from '../support/http-client.ts';
import { type Credentials, connectBy, type Told, unboxDevice } from '../support/unboxed-device.ts';
import { usersOf } from '../support/users.ts';

const stack = testStack('iot-ingest', 'api');
const users = usersOf(stack);
const iot = stack.client(IoTClient);
const kinesis = stack.client(KinesisClient);
const dynamo = stack.client(DynamoDBClient);
let claim: Credentials;
let acme: Caller;
let other: Caller;

const STREAM = 'millrace-local-events';

/** The stream belongs to stream-analytics, which does not run here. */
beforeAll(async () => {
  await kinesis.send(new CreateStreamCommand({ StreamName: STREAM, ShardCount: 1 }));
  await eventually(
    () => kinesis.send(new DescribeStreamSummaryCommand({ StreamName: STREAM })),
    ({ StreamDescriptionSummary: summary }) => summary?.StreamStatus === 'ACTIVE',
  );
});

async function readings(): Promise<{ source: string; tenant: string; data: unknown }[]> {
  const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName: STREAM }));
  const iterator = new GetShardIteratorCommand({
    ...{ StreamName: STREAM, ShardId: Shards[0]?.ShardId },
    ShardIteratorType: 'TRIM_HORIZON',
  });
  const { ShardIterator } = await kinesis.send(iterator);
  const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
  return Records.map(({ Data }) => JSON.parse(Buffer.from(Data ?? []).toString()));
}

/** As an operator makes the certificate that a batch of devices leaves the factory with. */
beforeAll(async () => {
  const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
  await iot.send(
    new AttachPolicyCommand({ policyName: 'millrace-local-claim', target: made.certificateArn }),
  );
  claim = { cert: made.certificatePem ?? '', key: made.keyPair?.PrivateKey ?? '' };
});

beforeAll(async () => {
  acme = callerWith(stack.apiUrl, (await users.signIn('jane@example.com', 'acme')).idToken);
  other = callerWith(stack.apiUrl, (await users.signIn('joe@example.com')).idToken);
});

const codeOf = (answer: Answer) => `${answer.status} ${answer.at('code')}`;

/** Registers a device and opens its claim. */
async function announce(caller: Caller, deviceId: string, key: string, body: unknown = {}) {
  await caller('POST', '/v1/devices', { body: { deviceId } });
  return caller('POST', `/v1/devices/${deviceId}/claim`, {
    body,
    headers: { 'idempotency-key': key },
  });
}

async function refusalsOf(deviceId: string): Promise<(string | undefined)[]> {
  const { Items = [] } = await dynamo.send(
    new QueryCommand({
      TableName: 'millrace-local-iot-ingest-dead-letters',
      KeyConditionExpression: 'pk = :source',
      ExpressionAttributeValues: { ':source': { S: 'millrace-iot-ingest-local-approveDevice' } },
    }),
  );
  return Items.filter((item) => item.attributes?.M?.deviceId?.S === deviceId).map(
    (item) => item.reasonCode?.S,
  );
}

it('a device with a claim fetches its own certificate, and what it measures comes from it', async () => {
  const opened = await announce(acme, 'kiln-1', 'k1', { code: 'open sesame' });
  expect([opened.status, opened.at('claim', 'state')]).toEqual([200, 'open']);
  expect(opened.text).not.toContain('sesame');

  const box = await unboxDevice(stack, claim, 'claim-1');
  const own = await box.create();
  const early = connectBy(stack, own, 'kiln-1');
  await expect(early).rejects.toThrow('Not authorized');
  const wrong = await box.provision(own.token, { SerialNumber: 'kiln-1', ClaimCode: 'barley' });
  expect(wrong).toMatchObject({ outcome: 'rejected', statusCode: 403, errorCode: 'AccessDenied' });
  const parameters = { SerialNumber: 'kiln-1', ClaimCode: 'open sesame' };
  expect(await box.provision(own.token, parameters)).toMatchObject({
    outcome: 'accepted',
    thingName: 'kiln-1',
  });
  await box.client.endAsync();
  expect(await refusalsOf('kiln-1')).toEqual(['claim_code_wrong']);

  const device = await connectBy(stack, own, 'kiln-1');
  const time = new Date().toISOString();
  const reading = JSON.stringify({ time, metrics: { heat: 451 }, usage: { gas: 0.25 } });
  await device.publishAsync(topics.telemetry('kiln-1'), reading, { qos: 1 });
  const events = await eventually(readings, ({ length }) => length > 0);
  expect(events).toMatchObject([
    {
      ...{ source: 'millrace/devices/kiln-1', tenant: 'acme' },
      data: { deviceId: 'kiln-1', metrics: { heat: 451 }, usage: { gas: 0.25 } },
    },
  ]);
  await device.endAsync();
  const shown = await acme('GET', '/v1/devices/kiln-1');
  expect(shown.at('claim')).toMatchObject({ state: 'used', certificateId: own.certificateId });
  expect(shown.at('credentials', 0, 'certificateId')).toBe(own.certificateId);

  // Another with the same serial number.
  const thief = await unboxDevice(stack, claim, 'claim-2');
  const stolen = await thief.create();
  expect((await thief.provision(stolen.token, parameters)).errorCode).toBe('AccessDenied');
  expect((await refusalsOf('kiln-1')).sort()).toEqual(['claim_code_wrong', 'claim_used']);
  await thief.client.endAsync();
  await expect(connectBy(stack, stolen, 'kiln-1')).rejects.toThrow('Not authorized');
});

it('a device that nobody announced is refused, and operators see why', async () => {
  const box = await unboxDevice(stack, claim, 'claim-3');
  const { token } = await box.create();
  const told = await box.provision(token, { SerialNumber: 'nobodys' });
  expect(told).toMatchObject({ outcome: 'rejected', statusCode: 403, errorCode: 'AccessDenied' });
  expect(await refusalsOf('nobodys')).toEqual(['claim_unknown']);
  await box.client.endAsync();
});

it('the certificate of a claim can publish no reading, and be no device', async () => {
  await expect(connectBy(stack, claim, 'kiln-1')).rejects.toThrow('Not authorized');
  const box = await unboxDevice(stack, claim, 'claim-4');
  const closed = new Promise<void>((resolve) => box.client.once('close', () => resolve()));
  box.client.publish(topics.telemetry('kiln-1'), '{"metrics":{"heat":1}}', { qos: 1 });
  await closed;
});

it('a claim is the own of a tenant, and opened anew once where the device lost its key', async () => {
  await announce(acme, 'kiln-2', 'k1');
  expect(codeOf(await announce(other, 'kiln-2', 'k1'))).toBe('404 device_not_found');
  expect(codeOf(await other('DELETE', '/v1/devices/kiln-2/claim'))).toBe('404 device_not_found');
  const box = await unboxDevice(stack, claim, 'claim-5');
  const first = await box.create();
  await box.provision(first.token, { SerialNumber: 'kiln-2' });
  expect((await announce(acme, 'kiln-2', 'k1')).at('claim', 'state')).toBe('used');

  const again = await announce(acme, 'kiln-2', 'k2', { graceSeconds: 0 });
  expect([again.at('claim', 'state'), again.at('credentials')]).toEqual(['open', []]);
  await expect(connectBy(stack, first, 'kiln-2')).rejects.toThrow('Not authorized');
  const second = await box.create();
  const told = await box.provision(second.token, { SerialNumber: 'kiln-2' });
  expect(told.outcome).toBe('accepted');
  await (await connectBy(stack, second, 'kiln-2')).endAsync();

  const third = await announce(acme, 'kiln-2', 'k3');
  expect(third.at('claim', 'state')).toBe('open');
  expect((await acme('DELETE', '/v1/devices/kiln-2/claim')).at('claim')).toBeUndefined();
  const late = await box.create();
  expect((await box.provision(late.token, { SerialNumber: 'kiln-2' })).errorCode).toBe(
    'AccessDenied',
  );
  await box.client.endAsync();
});

it('a device that was killed, and a cloud that was, go on where they were', async () => {
  await announce(acme, 'kiln-3', 'k1');
  const before = await unboxDevice(stack, claim, 'claim-6');
  const lost = await before.create();
  const kept = await before.create();
  before.client.end(true);
  await stack.killAndRestart();

  // It kept what it was given last, and asks until it hears yes: a hook that is slow is a refusal.
  const box = await unboxDevice(stack, claim, 'claim-6');
  const isAccepted = ({ outcome }: Told) => outcome === 'accepted';
  await eventually(() => box.provision(kept.token, { SerialNumber: 'kiln-3' }), isAccepted);
  box.client.end(true);
  await stack.killAndRestart();
  const after = await unboxDevice(stack, claim, 'claim-6');
  await eventually(() => after.provision(kept.token, { SerialNumber: 'kiln-3' }), isAccepted);
  expect((await after.provision(lost.token, { SerialNumber: 'kiln-3' })).outcome).toBe('rejected');
  await after.client.endAsync();
  await (await connectBy(stack, kept, 'kiln-3')).endAsync();
  const { principals } = await iot.send(new ListThingPrincipalsCommand({ thingName: 'kiln-3' }));
  expect(principals).toEqual([expect.stringContaining(kept.certificateId)]);
  const left = new DescribeCertificateCommand({ certificateId: lost.certificateId });
  expect((await iot.send(left)).certificateDescription?.status).toBe('PENDING_ACTIVATION');
}, 300_000);
