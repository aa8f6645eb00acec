import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import {
  CreateTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type DeadLetter,
  type DeadLetterStore,
  dynamoDeadLetters,
  partKey,
} from '../../src/index.ts';
import { memoryDeadLetters } from '../../src/testing/index.ts';
import { startTestDynamoDb } from '../support/dynamodb.ts';

const table = 'dead-letters';
const unpack = promisify(zstdDecompress);
let engine: Awaited<ReturnType<typeof startTestDynamoDb>>;

beforeAll(async () => {
  engine = await startTestDynamoDb();
  await engine.client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  );
});
afterAll(() => engine?.close());

let letters = 0;
const letterOf = (payload: Uint8Array): DeadLetter => ({
  source: 'millrace-etl-local-loadOrders',
  id: `e-${++letters}`,
  reason: { code: 'refused', message: 'It is refused.' },
  payload,
  arrivedAt: '2026-11-23T09:41:00.000Z',
  attributes: { eventName: 'INSERT' },
});

interface Kept {
  readonly payload: Buffer;
  readonly code: string;
}

/** Reads a letter back as an operator's tool does. */
async function readBack(client: DynamoDBClient, letter: DeadLetter): Promise<Kept | undefined> {
  const get = async (sk: string) =>
    (
      await client.send(
        new GetItemCommand({
          TableName: table,
          Key: { pk: { S: letter.source }, sk: { S: sk } },
          ConsistentRead: true,
        }),
      )
    ).Item;
  const head = await get(letter.id);
  if (!head) return undefined;
  const parts = [head.payload?.B ?? new Uint8Array()];
  for (let part = 1; part <= Number(head.parts?.N); part++) {
    const item = await get(partKey(letter.id, head.digest?.S ?? '', part));
    parts.push(item?.payload?.B ?? new Uint8Array());
  }
  return { payload: await unpack(Buffer.concat(parts)), code: head.reasonCode?.S ?? '' };
}

const stores: {
  name: string;
  open(): { store: DeadLetterStore; read(letter: DeadLetter): Promise<Kept | undefined> };
}[] = [
  {
    name: 'in memory',
    open: () => {
      const store = memoryDeadLetters();
      return {
        store,
        read: async ({ source, id }) => {
          const kept = store.all().find((one) => one.source === source && one.id === id);
          return kept && { payload: Buffer.from(kept.payload), code: kept.reason.code };
        },
      };
    },
  },
  {
    name: 'in DynamoDB',
    open: () => ({
      store: dynamoDeadLetters({ client: engine.client, table }),
      read: (letter) => readBack(engine.client, letter),
    }),
  },
];

describe.each(stores)('dead letters $name', ({ open }) => {
  test('keep the record to the byte', async () => {
    const { store, read } = open();
    const letter = letterOf(Buffer.from([0, 255, 128, 10, 13, 0]));
    await store.addOnce(letter);
    expect(await read(letter)).toEqual({ payload: Buffer.from(letter.payload), code: 'refused' });
  });

  test('keep an empty record', async () => {
    const { store, read } = open();
    const letter = letterOf(new Uint8Array());
    await store.addOnce(letter);
    expect((await read(letter))?.payload).toHaveLength(0);
  });

  test('keep a Kinesis record of 1 MiB that does not compress', async () => {
    const { store, read } = open();
    const letter = letterOf(randomBytes(1024 * 1024));
    await store.addOnce(letter);
    expect((await read(letter))?.payload.equals(letter.payload)).toBe(true);
  });

  test('keep the first letter of a record that comes again', async () => {
    const { store, read } = open();
    const letter = letterOf(randomBytes(400_000));
    await store.addOnce(letter);
    await store.addOnce({ ...letter, reason: { code: 'other', message: 'Other.' } });
    const kept = await read(letter);
    expect(kept?.code).toBe('refused');
    expect(kept?.payload.equals(letter.payload)).toBe(true);
  });

  test('keep records of the same id from two sources apart', async () => {
    const { store, read } = open();
    const one = letterOf(Buffer.from('one'));
    const other = { ...one, source: 'another', payload: Buffer.from('other') };
    await store.addOnce(one);
    await store.addOnce(other);
    expect((await read(one))?.payload.toString()).toBe('one');
    expect((await read(other))?.payload.toString()).toBe('other');
  });
});

describe('in DynamoDB', () => {
  test('a letter is open, dated and expires after 30 days', async () => {
    const now = Date.parse('2026-11-23T09:41:00.000Z');
    const letter = letterOf(Buffer.from('x'));
    await dynamoDeadLetters({ client: engine.client, table, now: () => now }).addOnce(letter);
    const { Items } = await engine.client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND sk = :sk',
        ExpressionAttributeValues: { ':pk': { S: letter.source }, ':sk': { S: letter.id } },
      }),
    );
    expect(Items).toMatchObject([
      {
        status: { S: 'open' },
        createdAt: { S: '2026-11-23T09:41:00.000Z' },
        arrivedAt: { S: '2026-11-23T09:41:00.000Z' },
        expiresAt: { N: String(now / 1000 + 30 * 86_400) },
        encoding: { S: 'zstd' },
        payloadBytes: { N: '1' },
        reasonMessage: { S: 'It is refused.' },
        attributes: { M: { eventName: { S: 'INSERT' } } },
      },
    ]);
  });

  test('a letter that an operator has dealt with is not opened again', async () => {
    const store = dynamoDeadLetters({ client: engine.client, table });
    const letter = letterOf(Buffer.from('x'));
    await store.addOnce(letter);
    const Key = { pk: { S: letter.source }, sk: { S: letter.id } };
    await engine.client.send(
      new UpdateItemCommand({
        TableName: table,
        Key,
        UpdateExpression: 'SET #status = :redriven',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':redriven': { S: 'redriven' } },
      }),
    );
    await store.addOnce(letter);
    const { Item } = await engine.client.send(new GetItemCommand({ TableName: table, Key }));
    expect(Item?.status?.S).toBe('redriven');
  });

  test('a table that refuses is an error, not a lost letter', async () => {
    const store = dynamoDeadLetters({ client: engine.client, table: 'no-such-table' });
    await expect(store.addOnce(letterOf(Buffer.from('x')))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});
