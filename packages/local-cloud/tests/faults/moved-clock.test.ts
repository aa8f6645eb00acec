import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand as DescribeTableStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand as GetTableRecordsCommand,
  GetShardIteratorCommand as GetTableShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
} from '@aws-sdk/client-kinesis';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CloudFixture, startCloudFixture } from '../edge/cloud-fixture.ts';
import { type LambdaServer, startLambdaServer } from '../edge/lambda-server.ts';
import { registration, runService } from '../edge/service-fixture.ts';

const minute = 60_000;
const day = 86_400_000;
const streamArn = 'arn:aws:kinesis:us-east-1:000000000000:stream/events';

let fixture: CloudFixture;
let functions: LambdaServer;
let kinesis: KinesisClient;
let failing: boolean;

beforeEach(async () => {
  failing = true;
  fixture = await startCloudFixture();
  kinesis = new KinesisClient(fixture.client);
  functions = await startLambdaServer((name) => {
    if (failing && !name.endsWith('-watch')) throw new Error('poison');
    return null;
  });
  const stream = { type: 'kinesis', arn: streamArn, startingPosition: 'TRIM_HORIZON' };
  await runService(
    fixture.cloud.edgeUrl,
    registration(
      {
        see: {
          events: [{ s3: { bucket: 'uploads', event: 's3:ObjectCreated:*', existing: true } }],
        },
        take: { events: [{ stream: { ...stream, maximumRetryAttempts: -1 } }] },
      },
      {
        Uploads: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'uploads' } },
        Events: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'events', ShardCount: 1 } },
        Things: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            TableName: 'things',
            KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
            AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
            BillingMode: 'PAY_PER_REQUEST',
            StreamSpecification: { StreamViewType: 'KEYS_ONLY' },
          },
        },
      },
    ),
    functions.url,
  );
});
afterEach(async () => {
  kinesis.destroy();
  await fixture.stop();
  functions.close();
});

const attempts = (key: string) =>
  functions.received.filter(({ name }) => name.endsWith(`-${key}`)).length;
const advance = async (advanceMs: number) => {
  const body = JSON.stringify({ advanceMs });
  const url = `${fixture.cloud.edgeUrl}/_millrace/clock`;
  expect((await fetch(url, { method: 'POST', body })).status).toBe(200);
};
const put = (text: string) =>
  kinesis.send(
    new PutRecordCommand({ StreamName: 'events', PartitionKey: 'k', Data: Buffer.from(text) }),
  );

it('asynchronous retries come after one and two minutes, when the clock is moved', async () => {
  const s3 = new S3Client({ ...fixture.client, forcePathStyle: true });
  await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'a', Body: 'x' }));
  await expect.poll(() => attempts('see'), { timeout: 10_000 }).toBe(1);
  const queue = () => fixture.cloud.status().asynchronousInvocations;
  await expect.poll(() => queue().inFlight).toBe(0);

  await advance(minute - 5_000);
  await sleep(300);
  expect(attempts('see')).toBe(1);
  await advance(5_000);
  await expect.poll(() => attempts('see'), { timeout: 10_000 }).toBe(2);
  await expect.poll(() => queue().inFlight).toBe(0);

  await advance(2 * minute);
  await expect.poll(() => attempts('see'), { timeout: 10_000 }).toBe(3);
  await expect.poll(() => queue()).toMatchObject({ queued: 0, discarded: 1 });
});

it('a poison record blocks its shard for half a day, and its age is told', async () => {
  await put('poison');
  await expect.poll(() => attempts('take'), { timeout: 10_000 }).toBeGreaterThan(0);
  const before = attempts('take');
  for (let passed = 0; passed < 12; passed += 1) {
    await advance(60 * minute);
    await sleep(20);
  }
  await expect.poll(() => attempts('take'), { timeout: 10_000 }).toBeGreaterThan(before + 3);
  const mapping = () => fixture.cloud.status().mappings.find(({ kind }) => kind === 'kinesis');
  expect(mapping()).toMatchObject({ delivered: 0, discarded: 0 });
  expect(mapping()?.shards[0]?.iteratorAgeMs).toBeGreaterThan(11.9 * 60 * minute);

  failing = false;
  await advance(minute);
  await expect.poll(() => mapping()?.delivered, { timeout: 10_000 }).toBe(1);
});

it('what arrived before an advance is as much older after it, in Kinesis and by instant', async () => {
  await put('before');
  await sleep(20);
  await advance(day);
  await put('after');
  const shards = await kinesis.send(new ListShardsCommand({ StreamName: 'events' }));
  const read = async (from: object) => {
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({
        StreamName: 'events',
        ShardId: shards.Shards?.[0]?.ShardId,
        ShardIteratorType: 'TRIM_HORIZON',
        ...from,
      }),
    );
    const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
    return Records.map(({ Data, ApproximateArrivalTimestamp: at }) => ({
      text: Buffer.from(Data ?? []).toString(),
      age: fixture.cloud.clock.now() - (at?.getTime() ?? 0),
    }));
  };
  const [before, after] = await read({});
  expect([before?.text, after?.text]).toEqual(['before', 'after']);
  expect(before?.age).toBeGreaterThanOrEqual(day);
  expect(before?.age).toBeLessThan(day + minute);
  expect(after?.age).toBeLessThan(minute);
  const from = { ShardIteratorType: 'AT_TIMESTAMP' };
  const Timestamp = new Date(fixture.cloud.clock.now() - day / 2);
  expect((await read({ ...from, Timestamp })).map(({ text }) => text)).toEqual(['after']);
});

it('changes of a table are told with the cloud’s time', async () => {
  const dynamodb = new DynamoDBClient(fixture.client);
  const change = (id: string) =>
    dynamodb.send(new PutItemCommand({ TableName: 'things', Item: { id: { S: id } } }));
  await change('before');
  await sleep(1_100);
  await advance(day);
  await change('after');
  const streams = new DynamoDBStreamsClient(fixture.client);
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: 'things' }));
  const StreamArn = Table?.LatestStreamArn;
  const { StreamDescription } = await streams.send(new DescribeTableStreamCommand({ StreamArn }));
  const { ShardIterator } = await streams.send(
    new GetTableShardIteratorCommand({
      StreamArn,
      ShardId: StreamDescription?.Shards?.[0]?.ShardId,
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  const { Records = [] } = await streams.send(new GetTableRecordsCommand({ ShardIterator }));
  const ages = Records.map(
    ({ dynamodb: record }) =>
      fixture.cloud.clock.now() - (record?.ApproximateCreationDateTime?.getTime() ?? 0),
  );
  expect(ages).toHaveLength(2);
  expect(ages[0]).toBeGreaterThan(day - 2_000);
  expect(Math.abs(ages[1] ?? day)).toBeLessThan(minute);
});

it('a presigned URL ends when its time has passed, and one made after an advance is good', async () => {
  const s3 = new S3Client({ ...fixture.client, forcePathStyle: true });
  failing = false;
  await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'a', Body: 'x' }));
  const sign = () =>
    getSignedUrl(s3, new GetObjectCommand({ Bucket: 'uploads', Key: 'a' }), { expiresIn: 3_600 });
  const early = await sign();
  await sleep(1_000);
  await advance(30 * minute);
  expect((await fetch(early)).status).toBe(200);
  await advance(31 * minute);
  expect((await fetch(early)).status).toBe(403);
  expect((await fetch(await sign())).status).toBe(200);
});
