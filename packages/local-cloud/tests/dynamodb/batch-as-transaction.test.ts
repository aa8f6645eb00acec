import {
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { batchAsTransaction } from '../../src/dynamodb/batch-as-transaction.ts';
import { type CloudFixture, startCloudFixture } from '../edge/cloud-fixture.ts';

let fixture: CloudFixture;
let database: DynamoDBClient;
let streams: DynamoDBStreamsClient;
let table = '';
let tables = 0;

beforeAll(async () => {
  fixture = await startCloudFixture();
  database = new DynamoDBClient({ ...fixture.client, maxAttempts: 1 });
  streams = new DynamoDBStreamsClient(fixture.client);
});
afterAll(async () => {
  database.destroy();
  streams.destroy();
  await fixture.stop();
});

beforeEach(async () => {
  tables += 1;
  table = `things-${tables}`;
  await database.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
});

const put = (id: string, text = 'x') => ({
  PutRequest: { Item: { id: { S: id }, text: { S: text } } },
});
const remove = (id: string) => ({ DeleteRequest: { Key: { id: { S: id } } } });

const write = (
  requests: NonNullable<BatchWriteItemCommandInput['RequestItems']>[string],
  more: Partial<BatchWriteItemCommandInput> = {},
) => database.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests }, ...more }));

async function stored(): Promise<string[]> {
  const ids: string[] = [];
  for await (const { Items = [] } of paginateScan({ client: database }, { TableName: table })) {
    ids.push(...Items.map(({ id }) => id?.S ?? ''));
  }
  return ids.sort();
}

async function changes(): Promise<string[]> {
  const { Table } = await database.send(new DescribeTableCommand({ TableName: table }));
  const StreamArn = Table?.LatestStreamArn;
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
  const start = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
  const { ShardIterator } = await streams.send(new GetShardIteratorCommand(start));
  const { Records = [] } = await streams.send(new GetRecordsCommand({ ShardIterator }));
  return Records.map((record) => `${record.eventName} ${record.dynamodb?.Keys?.id?.S}`).sort();
}

describe('a batch of writes', () => {
  it('puts and deletes, each change in the stream once', async () => {
    expect(await write([put('a'), put('b')])).toMatchObject({ UnprocessedItems: {} });
    await write([put('a', 'y'), remove('b'), put('c'), remove('absent')]);
    expect(await stored()).toEqual(['a', 'c']);
    expect(await changes()).toEqual(['INSERT a', 'INSERT b', 'INSERT c', 'MODIFY a', 'REMOVE b']);
  });

  it('may be larger than a transaction may', async () => {
    const requests = Array.from({ length: 14 }, (_, index) =>
      put(String(index), 'x'.repeat(350_000)),
    );
    await write(requests);
    expect(await stored()).toHaveLength(14);
  });

  it('is refused as AWS refuses a batch, and nothing of it is written', async () => {
    await expect(write([put('a'), put('a')])).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('duplicates'),
    });
    const many = Array.from({ length: 26 }, (_, index) => put(String(index)));
    await expect(write(many)).rejects.toMatchObject({ name: 'ValidationException' });
    const missing = { RequestItems: { 'no-such-table': [put('a')] } };
    await expect(database.send(new BatchWriteItemCommand(missing))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    expect(await stored()).toEqual([]);
  });

  it('tells what it consumed where that is asked for', async () => {
    const { ConsumedCapacity } = await write([put('a')], { ReturnConsumedCapacity: 'TOTAL' });
    expect(ConsumedCapacity).toMatchObject([{ TableName: table, CapacityUnits: 1 }]);
  });
});

describe('what is not said as a transaction', () => {
  it.each([
    ['no JSON', '{'],
    ['no object', 'null'],
    ['nothing to do', '{"RequestItems":{}}'],
    ['no list', '{"RequestItems":{"t":{}}}'],
    ['no request', '{"RequestItems":{"t":[null]}}'],
    ['neither a put nor a delete', '{"RequestItems":{"t":[{}]}}'],
    ['more than the effect', '{"RequestItems":{"t":[]},"ReturnConsumedCapacity":"TOTAL"}'],
  ])('%s', (_, body) => {
    expect(batchAsTransaction(Buffer.from(body))).toBeUndefined();
  });
});
