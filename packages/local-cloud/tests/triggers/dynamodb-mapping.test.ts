import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startEngines } from './engines.ts';
import { createRig, FUNCTION, type Rig, streamTrigger, tableArn } from './rig.ts';
import { sample, shape } from './shape.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let rig: Rig;
let table = '';
let tables = 0;

beforeAll(async () => {
  engines = await startEngines(['dynamodb']);
});
afterAll(() => engines.close());
beforeEach(() => {
  tables += 1;
  table = `items-${tables}`;
});
afterEach(() => rig.close());

async function useRig(streams: typeof engines.streams): Promise<void> {
  rig = await createRig({ ...engines, streams });
  rig.host.on(FUNCTION, () => ({ batchItemFailures: [] }));
}

async function createTable(): Promise<void> {
  await engines.dynamodb.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
}

async function deleteTable(): Promise<void> {
  await engines.dynamodb.send(new DeleteTableCommand({ TableName: table }));
}

async function put(pk: string, attributes: Record<string, AttributeValue> = {}): Promise<void> {
  const Item = { pk: { S: pk }, ...attributes };
  await engines.dynamodb.send(new PutItemCommand({ TableName: table, Item }));
}

const records = (): DynamoDBRecord[] =>
  rig.host.events<DynamoDBStreamEvent>(FUNCTION).flatMap((event) => event.Records);

const changes = () =>
  records().map((record) => `${record.eventName} ${record.dynamodb?.Keys?.pk?.S}`);

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 4000, interval: 20 });

const mapping = (change: Parameters<typeof streamTrigger>[0] = {}) =>
  streamTrigger({ kind: 'dynamodb', sourceArn: tableArn(table), ...change });

describe.each([
  { how: 'in the engine’s file', isInFile: true },
  { how: 'by the API', isInFile: false },
])('a mapping that reads $how', ({ isInFile }) => {
  beforeEach(() => useRig(isInFile ? engines.streams : undefined));

  it('delivers inserts, changes and removals in order, as AWS writes them', async () => {
    await createTable();
    await put('a', { value: { N: '1' } });
    await put('a', { value: { N: '2' } });
    await engines.dynamodb.send(
      new DeleteItemCommand({ TableName: table, Key: { pk: { S: 'a' } } }),
    );
    rig.start([mapping()]);
    await eventually(() => expect(changes()).toEqual(['INSERT a', 'MODIFY a', 'REMOVE a']));

    const [inserted, modified, removed] = records();
    const [expected] = sample<DynamoDBStreamEvent>('dynamodb').Records;
    expect(shape(modified)).toEqual(shape(expected));
    expect(modified?.dynamodb?.OldImage).toEqual({ pk: { S: 'a' }, value: { N: '1' } });
    expect(modified?.dynamodb?.NewImage).toEqual({ pk: { S: 'a' }, value: { N: '2' } });
    expect(inserted?.dynamodb).not.toHaveProperty('OldImage');
    expect(removed?.dynamodb).not.toHaveProperty('NewImage');
    expect(modified?.eventID).toMatch(/^[0-9a-f]{32}$/);
    expect(modified?.awsRegion).toBe('us-east-1');
    expect(modified?.eventSourceARN).toMatch(
      /^arn:aws:dynamodb:us-east-1:000000000000:table\/items-\d+\/stream\/.+/,
    );
  });

  it('writes every attribute type as the wire has it, binary in base64', async () => {
    await createTable();
    const bytes = Buffer.from('사진');
    const base64 = bytes.toString('base64');
    await put('types', {
      n: { N: '1.50' },
      b: { B: bytes },
      nested: { M: { list: { L: [{ B: bytes }, { NULL: true }, { BOOL: false }] } } },
      sets: { M: { ss: { SS: ['x'] }, ns: { NS: ['1'] }, bs: { BS: [bytes] } } },
    });
    rig.start([mapping()]);
    await eventually(() => expect(records()).toHaveLength(1));
    expect(records()[0]?.dynamodb?.NewImage).toEqual({
      pk: { S: 'types' },
      n: { N: '1.5' },
      b: { B: base64 },
      nested: { M: { list: { L: [{ B: base64 }, { NULL: true }, { BOOL: false }] } } },
      sets: { M: { ss: { SS: ['x'] }, ns: { NS: ['1'] }, bs: { BS: [base64] } } },
    });
  });

  it('knows no record of a write that changed nothing', async () => {
    await createTable();
    await put('same', { tags: { SS: ['x', 'y'] }, deep: { M: { a: { S: '1' }, b: { S: '2' } } } });
    await put('same', { deep: { M: { b: { S: '2' }, a: { S: '1' } } }, tags: { SS: ['y', 'x'] } });
    await put('other');
    const { runner } = rig.start([mapping()]);
    await eventually(() => expect(changes()).toEqual(['INSERT same', 'INSERT other']));
    await eventually(() => expect(runner.status()[0]?.shards[0]?.checkpoint).toBe('3'));
  });

  it('waits for the table, then reads its stream from the beginning', async () => {
    const { runner } = rig.start([mapping({ startingPosition: 'LATEST' })]);
    await eventually(() => expect(runner.status()[0]?.state).toBe('waiting-for-source'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await createTable();
    await put('first');
    runner.nudge({ kind: 'dynamodb', name: table });
    await eventually(() => expect(changes()).toEqual(['INSERT first']));
  });

  it('goes on at its checkpoint after a restart', async () => {
    await createTable();
    await put('a');
    const first = rig.start([mapping({ startingPosition: 'LATEST' })]);
    await eventually(() => expect(first.runner.status()[0]?.shards).toHaveLength(1));
    await put('b');
    await eventually(() => expect(changes()).toEqual(['INSERT b']));
    await first.stop();
    await put('c');
    rig.start([mapping({ startingPosition: 'LATEST' })]);
    await eventually(() => expect(changes()).toEqual(['INSERT b', 'INSERT c']));
  });

  it("goes on with the new stream when the table is made anew, without the old table's records", async () => {
    await createTable();
    await put('a');
    await put('b');
    const { runner } = rig.start([mapping()]);
    await eventually(() => expect(changes()).toEqual(['INSERT a', 'INSERT b']));
    await deleteTable();
    await eventually(() => expect(runner.status()[0]?.state).toBe('waiting-for-source'));
    await createTable();
    await put('c');
    await eventually(() => expect(changes()).toEqual(['INSERT a', 'INSERT b', 'INSERT c']));
  });

  it('filters on the record', async () => {
    await createTable();
    await put('a', { kind: { S: 'x' } });
    await put('b', { kind: { S: 'y' } });
    const pattern = { eventName: ['INSERT'], dynamodb: { NewImage: { kind: { S: ['y'] } } } };
    rig.start([mapping({ filterPatterns: [pattern] })]);
    await eventually(() => expect(changes()).toEqual(['INSERT b']));
  });
});
