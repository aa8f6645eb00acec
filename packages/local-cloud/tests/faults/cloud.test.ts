import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateStreamCommand, KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultPlanInput } from '../../src/faults/index.ts';
import { type CloudFixture, startCloudFixture } from '../edge/cloud-fixture.ts';

let fixture: CloudFixture;
const once = () => ({ ...fixture.client, maxAttempts: 1 });
const use = (plan: Omit<FaultPlanInput, 'seed'>) => fixture.cloud.faults.use({ seed: 42, ...plan });
const injected = () => fixture.cloud.faults.status()?.injected;

beforeAll(async () => {
  fixture = await startCloudFixture();
  const dynamodb = new DynamoDBClient(fixture.client);
  await dynamodb.send(
    new CreateTableCommand({
      TableName: 'things',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  await new S3Client({ ...fixture.client, forcePathStyle: true }).send(
    new CreateBucketCommand({ Bucket: 'things' }),
  );
  const kinesis = new KinesisClient(fixture.client);
  await kinesis.send(new CreateStreamCommand({ StreamName: 'things', ShardCount: 2 }));
  kinesis.destroy();
  await new SQSClient(fixture.client).send(new CreateQueueCommand({ QueueName: 'things' }));
});
afterAll(() => fixture.stop());
beforeEach(() => fixture.cloud.faults.use(undefined));

const Item = (id: string) => ({ id: { S: id } });
const stored = async () => {
  const answer = await new DynamoDBClient(fixture.client).send(
    new ScanCommand({ TableName: 'things', ConsistentRead: true }),
  );
  return (answer.Items ?? []).map(({ id }) => id?.S);
};
const put = (id: string) =>
  new DynamoDBClient(once()).send(new PutItemCommand({ TableName: 'things', Item: Item(id) }));

describe('calls of AWS APIs', () => {
  const queueUrl = () => `${fixture.cloud.edgeUrl}/000000000000/things`;
  const s3 = () => new S3Client({ ...once(), forcePathStyle: true });
  const calls: Record<string, [() => Promise<unknown>, string, number, string]> = {
    dynamodb: [
      () => put('never'),
      'ProvisionedThroughputExceededException',
      400,
      'InternalServerError',
    ],
    kinesis: [
      async () => {
        const kinesis = new KinesisClient(once());
        const Records = [{ PartitionKey: 'k', Data: Buffer.from('x') }];
        try {
          await kinesis.send(new PutRecordsCommand({ StreamName: 'things', Records }));
        } finally {
          kinesis.destroy();
        }
      },
      'ProvisionedThroughputExceededException',
      400,
      'InternalFailureException',
    ],
    sqs: [
      () =>
        new SQSClient(once()).send(
          new SendMessageCommand({ QueueUrl: queueUrl(), MessageBody: 'x' }),
        ),
      'RequestThrottled',
      403,
      'InternalError',
    ],
    sns: [
      async () => {
        await new SNSClient(once()).send(
          new PublishCommand({
            TopicArn: 'arn:aws:sns:us-east-1:000000000000:things',
            Message: 'x',
          }),
        );
      },
      'Throttled',
      429,
      'InternalError',
    ],
    s3: [
      () => s3().send(new PutObjectCommand({ Bucket: 'things', Key: 'never', Body: 'x' })),
      'SlowDown',
      503,
      'InternalError',
    ],
    lambda: [
      () => new LambdaClient(once()).send(new InvokeCommand({ FunctionName: 'none' })),
      'TooManyRequestsException',
      429,
      'ServiceException',
    ],
  };

  const failure = async (call: () => Promise<unknown>) => {
    const error = (await call().then(
      () => ({ name: 'none' }),
      (thrown: unknown) => thrown,
    )) as { name: string; $metadata?: { httpStatusCode?: number } };
    return { name: error.name, status: error.$metadata?.httpStatusCode };
  };

  it.each(Object.keys(calls))('are throttled as %s does it, without effect', async (service) => {
    const [call, name, status] = calls[service] ?? [];
    if (!call) throw new Error(service);
    use({ api: [{ service: service as 'dynamodb', throttle: 1 }] });
    expect((await failure(call)).name).toMatch(new RegExp(`^${name}`));
    expect((await failure(call)).status).toBe(status);
    expect(injected()).toEqual({ 'api.throttle': 2 });
  });

  it.each(Object.keys(calls))('fail as %s does it, without effect', async (service) => {
    const [call, , , name] = calls[service] ?? [];
    if (!call) throw new Error(service);
    use({ api: [{ service: service as 'dynamodb', fail: 1 }] });
    expect(await failure(call)).toEqual({ name: expect.stringMatching(`^${name}`), status: 500 });
    fixture.cloud.faults.use(undefined);
    expect(await stored()).not.toContain('never');
  });

  it('happen, and their answer is lost: by a cut or by an error', async () => {
    use({ api: [{ service: 'dynamodb', operation: 'PutItem', failAfter: 1 }] });
    const ids = Array.from({ length: 12 }, (_, index) => `lost-${index}`);
    const outcomes = [];
    for (const id of ids) outcomes.push(await failure(() => put(id)));
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([500, undefined]));
    expect(await stored()).toEqual(expect.arrayContaining(ids));
    expect(injected()).toEqual({ 'api.failAfter': 12 });
  });

  it('are repeated by a client with patience until they are answered', async () => {
    use({ api: [{ failAfter: 0.2, throttle: 0.1, fail: 0.1 }] });
    const dynamodb = new DynamoDBClient({ ...fixture.client, maxAttempts: 12 });
    const bucket = new S3Client({ ...fixture.client, forcePathStyle: true, maxAttempts: 12 });
    const kinesis = new KinesisClient({ ...fixture.client, maxAttempts: 12 });
    await Promise.all(
      Array.from({ length: 25 }, async (_, index) => {
        const id = `patient-${index}`;
        await dynamodb.send(new PutItemCommand({ TableName: 'things', Item: Item(id) }));
        const answer = await dynamodb.send(
          new GetItemCommand({ TableName: 'things', Key: Item(id) }),
        );
        expect(answer.Item).toEqual(Item(id));
        const Body = Buffer.alloc(100_000, index);
        await bucket.send(new PutObjectCommand({ Bucket: 'things', Key: id, Body }));
        const object = await bucket.send(new GetObjectCommand({ Bucket: 'things', Key: id }));
        expect(Buffer.from((await object.Body?.transformToByteArray()) ?? []).equals(Body)).toBe(
          true,
        );
        const Records = [{ PartitionKey: id, Data: Buffer.from(id) }];
        await kinesis.send(new PutRecordsCommand({ StreamName: 'things', Records }));
      }),
    );
    kinesis.destroy();
    expect(Object.keys(injected() ?? {}).sort()).toEqual([
      'api.fail',
      'api.failAfter',
      'api.throttle',
    ]);
  });

  it('meet the first entry that fits, and none if none does', async () => {
    use({ api: [{ service: 's3' }, { operation: 'Put*', fail: 1 }] });
    expect((await failure(() => put('a'))).status).toBe(500);
    expect(await stored()).not.toContain('a');
    await s3().send(new PutObjectCommand({ Bucket: 'things', Key: 'fine', Body: 'x' }));
  });

  it('come late when the plan says so', async () => {
    use({ api: [{ service: 'dynamodb', latencyMs: [150, 150] }] });
    const start = performance.now();
    await put('late');
    expect(performance.now() - start).toBeGreaterThan(140);
  });
});

it('refuses records of a PutRecords one by one, and takes the others', async () => {
  use({ kinesis: [{ stream: 'things', putFailure: 0.3 }] });
  const kinesis = new KinesisClient(fixture.client);
  const Records = Array.from({ length: 200 }, (_, index) => ({
    PartitionKey: `key-${index}`,
    Data: Buffer.from(String(index)),
  }));
  const answer = await kinesis.send(new PutRecordsCommand({ StreamName: 'things', Records }));
  kinesis.destroy();
  const refused = (answer.Records ?? []).filter(({ ErrorCode }) => ErrorCode !== undefined);
  expect(answer.FailedRecordCount).toBe(refused.length);
  expect(refused.length).toBeGreaterThan(30);
  expect(refused.length).toBeLessThan(90);
  expect(new Set(refused.map(({ ErrorCode }) => ErrorCode))).toEqual(
    new Set(['ProvisionedThroughputExceededException']),
  );
  expect(injected()).toEqual({ 'kinesis.putFailure': refused.length });
});

it('is set, shown and switched off over HTTP', async () => {
  const url = `${fixture.cloud.edgeUrl}/_millrace/faults`;
  const call = async (method: string, body?: string) => {
    const answer = await fetch(url, { method, ...(body !== undefined && { body }) });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  expect(await call('GET')).toEqual({ status: 200, body: { plan: null, injected: {} } });
  const set = await call('PUT', 'seed: 7\napi:\n  - {service: dynamodb, fail: 1}\n');
  expect(set.body.plan).toMatchObject({ seed: 7, api: [{ fail: 1, throttle: 0 }] });
  await expect(put('x')).rejects.toThrow();
  expect((await call('GET')).body.injected).toEqual({ 'api.fail': 1 });
  expect(fixture.cloud.status().faults).toEqual({ seed: 7, injected: { 'api.fail': 1 } });
  const refused = await call('PUT', 'seed: 7\napi: [{fial: 1}]');
  expect(refused).toMatchObject({ status: 422, body: { code: 'FAULTS_INVALID' } });
  expect((await call('GET')).body.plan).toMatchObject({ seed: 7 });
  expect((await call('DELETE')).body).toEqual({ plan: null, injected: {} });
  expect(fixture.cloud.status()).not.toHaveProperty('faults');
});

it('moves the clock over HTTP, and refuses what is no advance', async () => {
  const url = `${fixture.cloud.edgeUrl}/_millrace/clock`;
  const before = (await (await fetch(url)).json()) as { now: number; offsetMs: number };
  expect(before.offsetMs).toBe(0);
  const moved = await fetch(url, { method: 'POST', body: '{"advanceMs": 3600000}' });
  expect(await moved.json()).toMatchObject({ offsetMs: 3_600_000 });
  for (const body of ['{"advanceMs": -1}', 'an hour']) {
    const refused = await fetch(url, { method: 'POST', body });
    expect({ status: refused.status, body: await refused.json() }).toMatchObject({
      status: 422,
      body: { code: 'CLOCK_INVALID' },
    });
  }
  expect(fixture.cloud.clock.now() - Date.now()).toBeGreaterThan(3_599_000);
  expect(fixture.cloud.status().clock.offsetMs).toBe(3_600_000);
});
