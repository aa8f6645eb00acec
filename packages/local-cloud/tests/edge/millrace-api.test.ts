import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Cloud, startCloud } from '../../src/cloud.ts';
import { clientSettings } from './cloud-fixture.ts';
import { type LambdaServer, startLambdaServer } from './lambda-server.ts';
import { put, registration, runService } from './service-fixture.ts';

let stateDir: string;
let functions: LambdaServer;
let cloud: Cloud;

const start = async () => {
  cloud = await startCloud({ stateDir, edgePort: 0, mqttPort: 0 });
};
beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'millrace-api-'));
  functions = await startLambdaServer();
  await start();
});
afterEach(async () => {
  await cloud.close();
  functions.close();
  rmSync(stateDir, { recursive: true, force: true });
});

const streamArn = 'arn:aws:kinesis:us-east-1:000000000000:stream/events';
const declared = registration(
  {
    take: {
      events: [
        { s3: { bucket: 'uploads', event: 's3:ObjectCreated:*', existing: true } },
        { stream: { type: 'kinesis', arn: streamArn, startingPosition: 'TRIM_HORIZON' } },
        { sqs: { arn: 'arn:aws:sqs:us-east-1:000000000000:work', batchSize: 1 } },
      ],
    },
  },
  {
    Uploads: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'uploads' } },
    Events: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'events', ShardCount: 1 } },
    Work: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'work' } },
  },
);
const sources = () =>
  functions.received.map(({ event }) => {
    const [record] = (event as { Records: Record<string, unknown>[] }).Records;
    return record?.eventSource;
  });

async function sendToAll(): Promise<void> {
  const settings = clientSettings(cloud.edgeUrl);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const kinesis = new KinesisClient(settings);
  await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'a', Body: 'x' }));
  await kinesis.send(
    new PutRecordCommand({ StreamName: 'events', PartitionKey: 'k', Data: Buffer.from('x') }),
  );
  const QueueUrl = `${cloud.edgeUrl}/000000000000/work`;
  await new SQSClient(settings).send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  kinesis.destroy();
}

describe('a service', () => {
  it('gets the events of its triggers as soon as they happen', async () => {
    await runService(cloud.edgeUrl, declared, functions.url);
    await sendToAll();
    await expect
      .poll(() => sources().sort(), { timeout: 5_000 })
      .toEqual(['aws:kinesis', 'aws:s3', 'aws:sqs']);
    const status = await (await fetch(`${cloud.edgeUrl}/_millrace/status`)).json();
    expect(status).toMatchObject({
      addresses: { edge: cloud.edgeUrl, mqtt: cloud.mqttUrl },
      services: [{ service: 'millrace-sample', running: true }],
      asynchronousInvocations: { queued: 0 },
    });
    expect((status as { mappings: unknown[] }).mappings).toHaveLength(3);
  });

  it('that is not back yet after a restart finds its events waiting', async () => {
    await put(`${cloud.edgeUrl}/_millrace/services/millrace-sample`, declared);
    await cloud.close();
    await start();
    await sendToAll();
    await runService(cloud.edgeUrl, declared, functions.url);
    await expect
      .poll(() => sources().sort(), { timeout: 5_000 })
      .toEqual(['aws:kinesis', 'aws:s3', 'aws:sqs']);
  });
});

describe('a call that is not understood', () => {
  const services = () => `${cloud.edgeUrl}/_millrace/services`;
  it.each([
    ['a registration under another name', '/other', declared, 'BAD_REGISTRATION'],
    ['a registration without functions', '/a', { service: 'a', template: {} }, 'BAD_REGISTRATION'],
    [
      'an endpoint without its process',
      '/a/endpoint',
      { lambdaUrl: 'http://a' },
      'BAD_REGISTRATION',
    ],
    ['a body that is no object', '/a/endpoint', [], 'BAD_REGISTRATION'],
  ])('is refused with a code: %s', async (_, path, body, code) => {
    const answer = await fetch(`${services()}${path}`, {
      method: 'PUT',
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toEqual({ code, message: expect.any(String) });
  });

  it('is answered 404 when there is none of that name', async () => {
    const answer = await fetch(`${cloud.edgeUrl}/_millrace/nothing`);
    expect({ status: answer.status, body: await answer.json() }).toEqual({
      status: 404,
      body: { code: 'UNKNOWN_CALL', message: 'No GET nothing here.' },
    });
  });
});

it('tells its health', async () => {
  expect(await (await fetch(`${cloud.edgeUrl}/_millrace/health`)).json()).toEqual({
    name: 'millrace',
    pid: process.pid,
    stateDir,
    ports: cloud.ports,
  });
});
