import {
  PutItemCommand,
  type StreamViewType,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record as StreamRecord,
} from '@aws-sdk/client-dynamodb-streams';
import { NotObservable, type Rule } from '../../rule.ts';
import type { Stage } from '../../stage/stage.ts';
import type { DynamoDbEvent, Table } from '../../stage/tables.ts';
import { same } from '../expectations.ts';

const STREAMS = 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html';
const TTL =
  'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html';
const RECORD =
  'https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html';
const SERVICE = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };
const DAY_SECONDS = 86_400;
/** As long as DynamoDB says it typically takes at most: "within a few days". */
const DELETED_WITHIN_MS = 3 * DAY_SECONDS * 1000;

/** Every record of the stream from its horizon on. */
async function recordsOf(stage: Stage, { streamArn: StreamArn }: Table): Promise<StreamRecord[]> {
  const { dynamodbStreams } = stage.clients;
  const { StreamDescription } = await dynamodbStreams.send(
    new DescribeStreamCommand({ StreamArn }),
  );
  const records: StreamRecord[] = [];
  for (const { ShardId } of StreamDescription?.Shards ?? []) {
    const from = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    let { ShardIterator } = await dynamodbStreams.send(new GetShardIteratorCommand(from));
    for (let idle = 0; ShardIterator && idle < 3; ) {
      const page = await dynamodbStreams.send(new GetRecordsCommand({ ShardIterator }));
      records.push(...(page.Records ?? []));
      ShardIterator = page.NextShardIterator;
      idle = page.Records?.length ? 0 : idle + 1;
    }
  }
  return records;
}

/** Waits until the stream holds so many records, gives more the time to show up, and answers all. */
async function settled(stage: Stage, table: Table, count: number): Promise<StreamRecord[]> {
  await stage.eventually(`${count} records in the stream`, async () =>
    (await recordsOf(stage, table)).length >= count ? true : undefined,
  );
  await stage.rest(500);
  return recordsOf(stage, table);
}

const changesOf = (records: readonly StreamRecord[]) =>
  records.map(({ eventName, dynamodb }) => {
    const image = dynamodb?.NewImage ?? dynamodb?.OldImage;
    return `${eventName} ${dynamodb?.Keys?.id?.S} ${image?.n?.N}`;
  });

const IMAGES: Record<StreamViewType, readonly string[]> = {
  KEYS_ONLY: ['Keys'],
  NEW_IMAGE: ['Keys', 'NewImage'],
  OLD_IMAGE: ['Keys', 'OldImage'],
  NEW_AND_OLD_IMAGES: ['Keys', 'NewImage', 'OldImage'],
};

/** A table whose items expire at the seconds in `expires`. */
async function tableWithTtl(stage: Stage): Promise<Table> {
  const table = await stage.table();
  await stage.clients.dynamodb.send(
    new UpdateTimeToLiveCommand({
      TableName: table.name,
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    }),
  );
  return table;
}

/** The records of what was removed, once `id` has been; null if that takes longer than can be seen. */
async function removalOf(stage: Stage, table: Table, id: string) {
  const performer = await stage.function(() => undefined);
  await stage.map(performer, table.streamArn);
  const find = () =>
    performer
      .calls<DynamoDbEvent>()
      .flatMap(({ event }) => event.Records)
      .find((record) => record.eventName === 'REMOVE' && record.dynamodb.Keys.id?.S === id);
  return stage.eventually(`${id} is removed`, find, 30_000);
}

export const streamRules: readonly Rule[] = [
  {
    id: 'dynamodb/each-change-appears-once-in-the-order-of-its-item',
    title: 'Each change of an item is one record, in the order of the changes',
    page: STREAMS,
    async run(stage) {
      const table = await stage.table();
      for (const n of [1, 2, 3]) {
        for (const id of ['a', 'b']) await table.put({ id, n });
      }
      await table.remove('a');
      const seen = changesOf(await settled(stage, table, 7));
      const of = (id: string) => seen.filter((change) => change.includes(` ${id} `));
      same(of('a'), ['INSERT a 1', 'MODIFY a 2', 'MODIFY a 3', 'REMOVE a 3'], 'the changes of a');
      same(of('b'), ['INSERT b 1', 'MODIFY b 2', 'MODIFY b 3'], 'the changes of b');
    },
  },
  {
    id: 'dynamodb/concurrent-changes-appear-once-each',
    title: 'Of 30 concurrent increments of one item each is one record, without a gap',
    page: STREAMS,
    async run(stage) {
      const table = await stage.table();
      const increment = {
        TableName: table.name,
        Key: { id: { S: 'a' } },
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      };
      const updates = Array.from({ length: 30 }, () =>
        stage.clients.dynamodb.send(new UpdateItemCommand(increment)),
      );
      await Promise.all(updates);
      const values = (await settled(stage, table, 30)).map(
        ({ dynamodb }) => dynamodb?.NewImage?.n?.N,
      );
      const expected = Array.from({ length: 30 }, (_, index) => String(index + 1));
      same(values, expected, 'the values, one by one');
    },
  },
  {
    id: 'dynamodb/a-write-that-changes-nothing-writes-no-record',
    title: 'PutItem and UpdateItem that leave the item as it is write no stream record',
    page: STREAMS,
    async run(stage) {
      const table = await stage.table();
      await table.put({ id: 'a', n: 1 });
      await table.put({ id: 'a', n: 1 });
      await stage.clients.dynamodb.send(
        new UpdateItemCommand({
          TableName: table.name,
          Key: { id: { S: 'a' } },
          UpdateExpression: 'SET n = :n',
          ExpressionAttributeValues: { ':n': { N: '1' } },
        }),
      );
      await table.remove('absent');
      await table.put({ id: 'a', n: 2 });
      const seen = changesOf(await settled(stage, table, 2));
      same(seen, ['INSERT a 1', 'MODIFY a 2'], 'the records');
    },
  },
  {
    id: 'dynamodb/a-refused-write-writes-no-record',
    title: 'A write whose condition fails, and a cancelled transaction, write no record',
    page: STREAMS,
    async run(stage) {
      const table = await stage.table();
      await table.put({ id: 'a', n: 1 });
      const put = (id: string) => ({
        TableName: table.name,
        Item: { id: { S: id }, n: { N: '9' } },
        ConditionExpression: 'attribute_not_exists(id)',
      });
      const { dynamodb } = stage.clients;
      const refused = dynamodb.send(new PutItemCommand(put('a')));
      same(await nameOf(refused), 'ConditionalCheckFailedException', 'the put');
      const TransactItems = [{ Put: put('b') }, { Put: put('a') }];
      const cancelled = dynamodb.send(new TransactWriteItemsCommand({ TransactItems }));
      same(await nameOf(cancelled), 'TransactionCanceledException', 'the transaction');
      await table.put({ id: 'c', n: 1 });
      const seen = changesOf(await settled(stage, table, 2));
      same(seen, ['INSERT a 1', 'INSERT c 1'], 'the records');
    },
  },
  ...Object.entries(IMAGES).map(
    ([viewType, images]): Rule => ({
      id: `dynamodb/view-type-${viewType.toLowerCase().replaceAll('_', '-')}`,
      title: `With StreamViewType ${viewType} a record of a change holds ${images.join(', ')}`,
      page: RECORD,
      async run(stage) {
        const table = await stage.table(viewType as StreamViewType);
        await table.put({ id: 'a', n: 1 });
        await table.put({ id: 'a', n: 2 });
        const [, change] = await settled(stage, table, 2);
        const { Keys, NewImage, OldImage, StreamViewType } = change?.dynamodb ?? {};
        const given = Object.entries({ Keys, NewImage, OldImage });
        const names = given.filter(([, image]) => image !== undefined).map(([name]) => name);
        same(names, images, 'the images');
        same(StreamViewType, viewType, 'StreamViewType');
        same(Keys, { id: { S: 'a' } }, 'Keys');
        if (NewImage) same(NewImage, { id: { S: 'a' }, n: { N: '2' } }, 'NewImage');
        if (OldImage) same(OldImage, { id: { S: 'a' }, n: { N: '1' } }, 'OldImage');
      },
    }),
  ),
  {
    id: 'dynamodb/a-function-gets-the-record-in-camel-case',
    title: 'A mapped function gets the change with its keys, images and the ARN of the stream',
    page: 'https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html',
    async run(stage) {
      const table = await stage.table();
      const performer = await stage.function(() => undefined);
      await stage.map(performer, table.streamArn);
      await table.put({ id: 'a', n: 1 });
      const [call] = await performer.called<DynamoDbEvent>(1);
      const [record] = call?.event.Records ?? [];
      const { eventName, eventSource, eventSourceARN, dynamodb } = record ?? {};
      const source = ['INSERT', 'aws:dynamodb', table.streamArn];
      same([eventName, eventSource, eventSourceARN], source, 'the source');
      const images = [dynamodb?.Keys, dynamodb?.NewImage, dynamodb?.OldImage];
      const expected = [{ id: { S: 'a' } }, { id: { S: 'a' }, n: { N: '1' } }, undefined];
      same(images, expected, 'the images');
      same(dynamodb?.StreamViewType, 'NEW_AND_OLD_IMAGES', 'StreamViewType');
      const isSeconds = Math.abs(Number(dynamodb?.ApproximateCreationDateTime) * 1000 - Date.now());
      same(isSeconds < 366 * DAY_SECONDS * 1000, true, 'ApproximateCreationDateTime in seconds');
      same(record?.userIdentity, undefined, 'userIdentity');
    },
  },
  {
    id: 'dynamodb/an-expired-item-is-removed-in-the-name-of-the-service',
    title: 'An item that time to live deletes is a REMOVE with userIdentity of the service',
    page: TTL,
    movesClock: true,
    limitMs: 90_000,
    async run(stage) {
      const table = await tableWithTtl(stage);
      await table.put({ id: 'gone', expires: Math.floor(Date.now() / 1000) - 60 });
      await table.put({ id: 'kept', expires: Math.floor(Date.now() / 1000) + 900 * DAY_SECONDS });
      if (stage.subject.clock) await stage.pass(DELETED_WITHIN_MS);
      const removal = await removalOf(stage, table, 'gone').catch((error: Error) => {
        if (stage.subject.clock) throw error;
        throw new NotObservable('it may take days, and the clock cannot be moved');
      });
      same(removal.userIdentity, SERVICE, 'userIdentity');
      const records = await recordsOf(stage, table);
      const kept = records.filter(({ dynamodb }) => dynamodb?.Keys?.id?.S === 'kept');
      same(
        kept.map(({ eventName }) => eventName),
        ['INSERT'],
        'the item that has not expired',
      );
      const api = records.find(({ eventName }) => eventName === 'REMOVE')?.userIdentity;
      const pascal = { Type: SERVICE.type, PrincipalId: SERVICE.principalId };
      same({ ...api }, pascal, 'UserIdentity in GetRecords');
    },
  },
  {
    id: 'dynamodb/a-users-delete-has-no-user-identity',
    title: 'A delete by a user has no userIdentity, also in a table with time to live',
    page: TTL,
    async run(stage) {
      const table = await tableWithTtl(stage);
      await table.put({ id: 'a', expires: Math.floor(Date.now() / 1000) + 900 * DAY_SECONDS });
      await table.remove('a');
      const removal = await removalOf(stage, table, 'a');
      same(removal.userIdentity ?? null, null, 'userIdentity');
    },
  },
];

const nameOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'accepted',
    (error: Error) => error.name,
  );
