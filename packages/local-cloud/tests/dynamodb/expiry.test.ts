import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  ListTablesCommand,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMovableClock } from '../../src/movable-clock.ts';
import { type CloudFixture, startCloudFixture } from '../edge/cloud-fixture.ts';

const DAY = 86_400;
const clock = createMovableClock();
let fixture: CloudFixture;
let dynamodb: DynamoDBClient;
beforeAll(async () => {
  fixture = await startCloudFixture({ clock });
  dynamodb = new DynamoDBClient(fixture.client);
});
afterAll(() => fixture.stop());

const now = () => Math.floor(clock.now() / 1000);

async function createTable(TableName: string, { stream = true, AttributeName = 'ttl' } = {}) {
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: ['pk', 'sk', 'owner'].map((name) => ({
        AttributeName: name,
        AttributeType: 'S',
      })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-owner',
          KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      ...(stream && {
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      }),
    }),
  );
  const TimeToLiveSpecification = { AttributeName, Enabled: true };
  await dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
}

const put = (TableName: string, pk: string, more: Record<string, AttributeValue> = {}) =>
  dynamodb.send(
    new PutItemCommand({
      TableName,
      Item: { pk: { S: pk }, sk: { S: 'x' }, owner: { S: 'o' }, ...more },
    }),
  );

const expiresAt = (seconds: number) => ({ ttl: { N: String(seconds) } });

async function left(TableName: string, IndexName?: string): Promise<string[]> {
  const { Items = [] } = await dynamodb.send(
    new ScanCommand({ TableName, ...(IndexName && { IndexName }) }),
  );
  return Items.map(({ pk }) => pk?.S ?? '').toSorted();
}

async function removals(TableName: string) {
  const streams = new DynamoDBStreamsClient(fixture.client);
  const { Streams } = await streams.send(new ListStreamsCommand({ TableName }));
  const StreamArn = Streams?.[0]?.StreamArn;
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
  const { ShardIterator } = await streams.send(
    new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
  );
  const { Records = [] } = await streams.send(new GetRecordsCommand({ ShardIterator }));
  return Records.filter(({ eventName }) => eventName === 'REMOVE').map(
    ({ dynamodb: change, userIdentity }) => ({ pk: change?.Keys?.pk?.S, userIdentity }),
  );
}

const byService = { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' };

it('deletes what has expired, in the name of the service, and what a user deletes in nobody’s', async () => {
  await createTable('sessions');
  await put('sessions', 'expired', expiresAt(now() - 60));
  await put('sessions', 'deleted by a user', expiresAt(now() + 3_600));
  await put('sessions', 'later', expiresAt(now() + 3_600));
  await put('sessions', 'never');
  const Key = { pk: { S: 'deleted by a user' }, sk: { S: 'x' } };
  await dynamodb.send(new DeleteItemCommand({ TableName: 'sessions', Key }));
  clock.advance(6_000);
  await expect.poll(() => left('sessions'), { timeout: 10_000 }).toEqual(['later', 'never']);
  expect(await left('sessions', 'by-owner')).toEqual(['later', 'never']);

  clock.advance(2 * 3_600_000);
  await expect.poll(() => left('sessions'), { timeout: 10_000 }).toEqual(['never']);
  await put('sessions', 'expired', expiresAt(now() + 3_600));
  const again = { pk: { S: 'expired' }, sk: { S: 'x' } };
  await dynamodb.send(new DeleteItemCommand({ TableName: 'sessions', Key: again }));
  expect(await removals('sessions')).toEqual([
    { pk: 'deleted by a user', userIdentity: undefined },
    { pk: 'expired', userIdentity: byService },
    { pk: 'later', userIdentity: byService },
    { pk: 'expired', userIdentity: undefined },
  ]);
});

it('leaves what is no Number, expired over five years ago, or was given more time', async () => {
  await createTable('kinds', { AttributeName: `it's "when"`.replaceAll('"', '') });
  const at = (value: AttributeValue) => ({ "it's when": value });
  const past = String(now() - 10);
  await put('kinds', 'fraction', at({ N: `${past}.5` }));
  await put('kinds', 'text', at({ S: past }));
  await put('kinds', 'map', at({ M: { N: { N: past } } }));
  await put('kinds', 'set', at({ NS: [past] }));
  await put('kinds', 'milliseconds', at({ N: String(Date.now()) }));
  await put('kinds', 'six years', at({ N: String(now() - 6 * 365 * DAY) }));
  await put('kinds', 'four years', at({ N: String(now() - 4 * 365 * DAY) }));
  await put('kinds', 'prolonged', at({ N: past }));
  await dynamodb.send(
    new UpdateItemCommand({
      TableName: 'kinds',
      Key: { pk: { S: 'prolonged' }, sk: { S: 'x' } },
      UpdateExpression: 'SET #t = :t',
      ExpressionAttributeNames: { '#t': "it's when" },
      ExpressionAttributeValues: { ':t': { N: String(now() + 30 * DAY) } },
    }),
  );
  clock.advance(6_000);
  await expect
    .poll(() => left('kinds'), { timeout: 10_000 })
    .toEqual(['map', 'milliseconds', 'prolonged', 'set', 'six years', 'text']);
});

it('deletes from tables without a stream, many at a time, and shows no table of its own', async () => {
  await createTable('plain', { stream: false });
  await Promise.all(Array.from({ length: 250 }, (_, n) => put('plain', `${n}`, expiresAt(now()))));
  await put('plain', 'stays');
  clock.advance(10_000);
  await expect.poll(() => left('plain'), { timeout: 20_000 }).toEqual(['stays']);
  const { TableNames } = await dynamodb.send(new ListTablesCommand({}));
  expect(TableNames?.filter((name) => name.startsWith('millrace'))).toEqual([]);
  expect(fixture.lines.filter((line) => line.includes('expired'))).toEqual([]);
});
