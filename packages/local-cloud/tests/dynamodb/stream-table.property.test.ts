import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  ExecuteStatementCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openStreamTable, type StreamTable } from '../../src/dynamodb/stream-table.ts';
import { type AwsClients, createAwsClients } from '../../src/triggers/aws-clients.ts';
import { createDynamodbSource } from '../../src/triggers/streams/dynamodb-source.ts';
import type {
  ShardPosition,
  ShardSource,
  StreamRecord,
} from '../../src/triggers/streams/shard-source.ts';
import { createStreamTableSource } from '../../src/triggers/streams/stream-table-source.ts';
import { type CloudFixture, startCloudFixture } from '../edge/cloud-fixture.ts';

let fixture: CloudFixture;
let clients: AwsClients;
let streams: StreamTable;
let table = '';
let tables = 0;

beforeAll(async () => {
  fixture = await startCloudFixture();
  const { edgeUrl, state, clock } = fixture.cloud;
  clients = createAwsClients({ edgeUrl });
  streams = openStreamTable(join(state.dir, 'dynamodb.db'), clock);
});
afterAll(async () => {
  streams.close();
  clients.close();
  await fixture.stop();
});
beforeEach(newTable);

function newTable(): void {
  tables += 1;
  table = `items-${tables}`;
}

type ViewType = 'NEW_AND_OLD_IMAGES' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'KEYS_ONLY';
const VIEW_TYPES: ViewType[] = ['NEW_AND_OLD_IMAGES', 'NEW_IMAGE', 'OLD_IMAGE', 'KEYS_ONLY'];

async function createTable(StreamViewType: ViewType = 'NEW_AND_OLD_IMAGES'): Promise<void> {
  await clients.dynamodb.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType },
    }),
  );
}

const keyOf = (n: number) => ({ pk: { S: `열쇠 ${n % 2}` }, sk: { N: String(n) } });

const put = (n: number, attributes: Record<string, AttributeValue> = {}) =>
  clients.dynamodb.send(
    new PutItemCommand({ TableName: table, Item: { ...attributes, ...keyOf(n) } }),
  );

const remove = (n: number) =>
  clients.dynamodb.send(new DeleteItemCommand({ TableName: table, Key: keyOf(n) }));

const deleteTable = () => clients.dynamodb.send(new DeleteTableCommand({ TableName: table }));

/** The same stream, read by the API and in the file. */
function sources(): [ShardSource, ShardSource] {
  const sourceArn = `arn:aws:dynamodb:us-east-1:000000000000:table/${table}/stream/local`;
  const { dynamodb: client, dynamodbStreams } = clients;
  return [
    createDynamodbSource({ client, streams: dynamodbStreams, sourceArn }),
    createStreamTableSource({ streams, sourceArn }),
  ];
}

/** What a mapping would be given: as many reads as it takes, of `limit` records each. */
async function read(source: ShardSource, position: ShardPosition, limit: number) {
  await source.describe();
  const [shard] = await source.listShards();
  const reader = source.open(shard?.shardId ?? '', position);
  const records: StreamRecord[] = [];
  for (;;) {
    const page = await reader.read(limit);
    expect(page.records.length).toBeLessThanOrEqual(limit);
    if (page.records.length === 0) return records.filter((record) => source.accepts(record));
    records.push(...page.records);
  }
}

const START: ShardPosition = { kind: 'trim-horizon' };

async function both<T>(ask: (source: ShardSource) => Promise<T>): Promise<[T, T]> {
  const [byApi, inFile] = sources();
  return [await ask(byApi), await ask(inFile)];
}

const bytes = fc.uint8Array({ maxLength: 8 });
const number = fc.oneof(
  fc.maxSafeInteger().map(String),
  fc.constantFrom('0.10', '-1.5e-7', '1E+20', '123456789012345678901234567890'),
);
const { value: attributeValue } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.string({ unit: 'binary' }).map((S) => ({ S })),
    number.map((N) => ({ N })),
    bytes.map((B) => ({ B })),
    fc.boolean().map((BOOL) => ({ BOOL })),
    fc.constant({ NULL: true }),
    fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 }).map((SS) => ({ SS })),
    fc.uniqueArray(fc.integer(), { minLength: 1 }).map((NS) => ({ NS: NS.map(String) })),
    fc.uniqueArray(bytes, { minLength: 1, selector: (one) => one.join() }).map((BS) => ({ BS })),
    fc.array(tie('value'), { maxLength: 3 }).map((L) => ({ L })),
    fc.dictionary(fc.string({ minLength: 1 }), tie('value'), { maxKeys: 3 }).map((M) => ({ M })),
  ),
}));
const attributes = fc.dictionary(fc.constantFrom('a', 'b.c', '값', 'Z z'), attributeValue);
const key = fc.nat({ max: 4 });

/** Made when it is its turn: the table is not known before. */
type Write = () => Promise<unknown>;

const putting = fc.record({ n: key, item: attributes }).map(
  ({ n, item }): Write =>
    () =>
      put(n, item),
);

const updating = fc.record({ n: key, value: attributeValue }).map(
  ({ n, value }): Write =>
    () => {
      const update = new UpdateItemCommand({
        ...{ TableName: table, Key: keyOf(n), UpdateExpression: 'SET #a = :a REMOVE #b' },
        ExpressionAttributeNames: { '#a': 'a', '#b': '값' },
        ExpressionAttributeValues: { ':a': value },
      });
      return clients.dynamodb.send(update);
    },
);

const deleting = key.map(
  (n): Write =>
    () =>
      remove(n),
);

/** As it is, or (when nothing else is asked for) as a transaction. */
const batching = fc
  .record({ ns: fc.uniqueArray(key, { minLength: 1 }), item: attributes, asItIs: fc.boolean() })
  .map(
    ({ ns, item, asItIs }): Write =>
      () => {
        const requests = ns.map((n) =>
          n % 2 === 0
            ? { PutRequest: { Item: { ...item, ...keyOf(n) } } }
            : { DeleteRequest: { Key: keyOf(n) } },
        );
        const batch = new BatchWriteItemCommand({
          RequestItems: { [table]: requests },
          ...(asItIs && { ReturnConsumedCapacity: 'TOTAL' }),
        });
        return clients.dynamodb.send(batch);
      },
  );

const transacting = fc.record({ ns: fc.uniqueArray(key, { minLength: 1 }), item: attributes }).map(
  ({ ns, item }): Write =>
    () => {
      const TransactItems = ns.map((n) =>
        n % 2 === 0
          ? { Put: { TableName: table, Item: { ...item, ...keyOf(n) } } }
          : { Delete: { TableName: table, Key: keyOf(n) } },
      );
      return clients.dynamodb.send(new TransactWriteItemsCommand({ TransactItems }));
    },
);

const stating = key.map(
  (n): Write =>
    () => {
      const { pk, sk } = keyOf(n);
      const statement = new ExecuteStatementCommand({
        Statement: `UPDATE "${table}" SET a = ? WHERE pk = ? AND sk = ?`,
        Parameters: [{ S: `by PartiQL ${n}` }, pk, sk],
      });
      return clients.dynamodb.send(statement).catch((error: Error) => {
        // There was no such item.
        if (error.name !== 'ConditionalCheckFailedException') throw error;
      });
    },
);

const writes = fc.array(
  fc.oneof(putting, putting, updating, deleting, batching, transacting, stating),
  { minLength: 1, maxLength: 12 },
);

describe.each(VIEW_TYPES)('a stream of %s', (viewType) => {
  it('tells the same read in the file as by the API, from any place, however it is paged', async () => {
    const limits = fc.integer({ min: 1, max: 7 });
    await fc.assert(
      fc.asyncProperty(writes, limits, fc.nat(), async (made, limit, somewhere) => {
        newTable();
        await createTable(viewType);
        for (const write of made) await write();
        const [byApi, inFile] = await both((source) => read(source, START, 100));
        expect(inFile).toEqual(byApi);
        const paged = await read(sources()[1], START, limit);
        expect(paged).toEqual(byApi);

        const at = byApi[somewhere % Math.max(1, byApi.length)];
        if (!at) return;
        const place = { kind: 'after', sequenceNumber: at.sequenceNumber } as const;
        const rest = byApi.slice(byApi.indexOf(at) + 1);
        expect(await read(sources()[1], place, limit)).toEqual(rest);
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});

it('is described as the API does: missing, without a stream, switched off and on, made anew', async () => {
  const described = async () => {
    const [byApi, inFile] = await both(async (source) => {
      const stream = await source.describe();
      return stream && { stream, shards: await source.listShards() };
    });
    expect(inFile).toEqual(byApi);
    return inFile?.stream.identity;
  };
  const change = (StreamSpecification: { StreamEnabled: boolean; StreamViewType?: ViewType }) =>
    clients.dynamodb.send(new UpdateTableCommand({ TableName: table, StreamSpecification }));

  expect(await described()).toBeUndefined();
  await createTable();
  const first = await described();
  expect(first).toMatch(/^arn:aws:dynamodb:us-east-1:000000000000:table\/items-\d+\/stream\/\d/);
  await change({ StreamEnabled: false });
  expect(await described()).toBeUndefined();
  await change({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' });
  const second = await described();
  expect(second).not.toBe(first);
  await deleteTable();
  expect(await described()).toBeUndefined();
  await createTable();
  expect([first, second, undefined]).not.toContain(await described());
});

it('begins after what there is, and then reads what comes', async () => {
  await createTable();
  const latest = (source: ShardSource) =>
    source.describe().then(async () => {
      const [shard] = await source.listShards();
      return source.latest(shard?.shardId ?? '', 0);
    });
  expect(await both(latest)).toEqual([START, START]);
  // More than nine: in the order of numbers, not of texts.
  for (let n = 0; n < 12; n += 1) await put(n);
  const [byApi, inFile] = await both(latest);
  expect(inFile).toEqual({ kind: 'after', sequenceNumber: '12' });
  expect(byApi).toEqual(inFile);
  await put(99);
  const next = await both((source) => read(source, inFile, 10));
  expect(next[1].map(({ sequenceNumber }) => sequenceNumber)).toEqual(['13']);
  expect(next[0]).toEqual(next[1]);
});

it('tells who deleted, when the service did because the time had come', async () => {
  await createTable();
  const TimeToLiveSpecification = { AttributeName: 'until', Enabled: true };
  await clients.dynamodb.send(
    new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification }),
  );
  const { clock } = fixture.cloud;
  await put(1, { until: { N: String(Math.floor(clock.now() / 1_000) + 60) } });
  await put(2);
  await remove(2);
  clock.advance(70_000);
  const records = () => both((source) => read(source, START, 10));
  await expect
    .poll(async () => (await records())[1].at(-1)?.event.userIdentity, { timeout: 10_000 })
    .toEqual({ type: 'Service', principalId: 'dynamodb.amazonaws.com' });
  const [byApi, inFile] = await records();
  expect(inFile).toEqual(byApi);
  expect(inFile[2]?.event).not.toHaveProperty('userIdentity');
  // By the cloud's clock, which was moved.
  expect(inFile.at(-1)?.arrivedAt).toBeGreaterThan(clock.now() - 10_000);
});

it('goes over writes that changed nothing, however many there are', async () => {
  await createTable();
  const same = { tags: { SS: ['x', 'y'] } };
  await put(1, same);
  for (let n = 0; n < 5; n += 1) await put(1, { tags: { SS: ['y', 'x'] } });
  await put(2);
  const source = sources()[1];
  await source.describe();
  const reader = source.open('', START);
  const numbers = async () =>
    (await reader.read(2)).records.map(({ sequenceNumber }) => sequenceNumber);
  expect(await numbers()).toEqual(['1']);
  expect(await numbers()).toEqual(['7']);
  expect(await numbers()).toEqual([]);
});

it('ends a page of large items at some 10 MB', async () => {
  await createTable();
  const text = { text: { S: 'x'.repeat(390_000) } };
  for (let n = 0; n < 40; n += 1) await put(n, text);
  const source = sources()[1];
  await source.describe();
  const reader = source.open('', START);
  const sizes: number[] = [];
  for (let left = 40; left > 0; left -= sizes.at(-1) ?? left) {
    sizes.push((await reader.read(1_000)).records.length);
  }
  expect(sizes).toEqual([27, 13]);
});

it('refuses to read a table that is gone, and reads on at its place when it is back', async () => {
  await createTable();
  await put(1);
  const source = sources()[1];
  await source.describe();
  const reader = source.open('', START);
  expect((await reader.read(10)).records).toHaveLength(1);
  await put(2);
  await deleteTable();
  await expect(reader.read(10)).rejects.toThrow(`There is no table ${table}.`);
  // Times are whole seconds: what was written in this one could be of either table.
  await sleep(1_100);
  await createTable();
  await put(3);
  const { records } = await reader.read(10);
  expect(records.map(({ sequenceNumber }) => sequenceNumber)).toEqual(['3']);
});

it('reads again what could not be read', async () => {
  await createTable();
  await put(1);
  let isBusy = true;
  const sourceArn = `arn:aws:dynamodb:us-east-1:000000000000:table/${table}/stream/local`;
  const busyAtFirst: StreamTable = {
    ...streams,
    read(...asked) {
      const page = streams.read(...asked);
      if (isBusy) throw new Error('database is locked');
      return page;
    },
  };
  const reader = createStreamTableSource({ streams: busyAtFirst, sourceArn }).open('', START);
  await expect(reader.read(10)).rejects.toThrow('locked');
  isBusy = false;
  expect((await reader.read(10)).records).toHaveLength(1);
});
