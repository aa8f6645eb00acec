import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  ScanCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clientSettings } from '../edge/cloud-fixture.ts';
import { startCloudProcess } from '../edge/cloud-process.ts';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'millrace-expiry-'));
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

const TableName = 'items';
const ITEMS = 600;
const key = (n: number) => `item ${String(n).padStart(4, '0')}`;

it('tells the service’s deletes from a user’s, although both race and the cloud is killed', async () => {
  const first = await startCloudProcess(stateDir);
  await fill(new DynamoDBClient(clientSettings(first.edgeUrl)));
  // Every other item is also deleted by a user: whichever comes first is the one who did it.
  const byUser = new Set<string>();
  const unsure = new Set<string>();
  const user = new DynamoDBClient({ ...clientSettings(first.edgeUrl), maxAttempts: 1 });
  await untilFewerThan(user, ITEMS);
  const deleting = deleteEveryOther(user, byUser, unsure);
  await untilFewerThan(user, ITEMS / 2);
  await first.end('SIGKILL');
  await deleting;

  const second = await startCloudProcess(stateDir);
  const client = clientSettings(second.edgeUrl);
  await untilFewerThan(new DynamoDBClient(client), 1);
  const removed = await removals(new DynamoDBStreamsClient(client));
  expect(removed.map(({ name }) => name).toSorted()).toEqual(
    Array.from({ length: ITEMS }, (_, n) => key(n)),
  );
  const wrong = removed.filter(
    ({ name, byService }) => !unsure.has(name) && byService === byUser.has(name),
  );
  expect(wrong).toEqual([]);
  // Both have really been at work.
  expect(byUser.size).toBeGreaterThan(10);
  expect(removed.filter(({ byService }) => byService).length).toBeGreaterThan(ITEMS / 2 - 1);
  await second.end('SIGTERM');
}, 240_000);

async function fill(dynamodb: DynamoDBClient): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
    }),
  );
  const expiry = { N: String(Math.floor(Date.now() / 1000) - 10) };
  for (let n = 0; n < ITEMS; n += 25) {
    const requests = Array.from({ length: 25 }, (_, index) => ({
      PutRequest: { Item: { pk: { S: key(n + index) }, ttl: expiry } },
    }));
    await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
  }
  const TimeToLiveSpecification = { AttributeName: 'ttl', Enabled: true };
  await dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
}

async function untilFewerThan(dynamodb: DynamoDBClient, items: number): Promise<void> {
  const count = () => dynamodb.send(new ScanCommand({ TableName, Select: 'COUNT' }));
  await expect
    .poll(async () => (await count()).Count ?? 0, { timeout: 60_000, interval: 20 })
    .toBeLessThan(items);
}

/** From the end, so that the sweep, which goes by age, is met in the middle. */
async function deleteEveryOther(
  dynamodb: DynamoDBClient,
  deleted: Set<string>,
  unsure: Set<string>,
): Promise<void> {
  for (let n = ITEMS - 1; n > 0; n -= 2) {
    const name = key(n);
    const Key = { pk: { S: name } };
    try {
      const command = new DeleteItemCommand({ TableName, Key, ReturnValues: 'ALL_OLD' });
      if ((await dynamodb.send(command)).Attributes) deleted.add(name);
    } catch {
      // Killed: this one delete happened or not. The next ones do not.
      unsure.add(name);
      return;
    }
  }
}

async function removals(streams: DynamoDBStreamsClient) {
  const { Streams } = await streams.send(new ListStreamsCommand({ TableName }));
  const StreamArn = Streams?.[0]?.StreamArn;
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
  const start = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
  let { ShardIterator } = await streams.send(new GetShardIteratorCommand(start));
  const removed: { name: string; byService: boolean }[] = [];
  for (;;) {
    const answer = await streams.send(new GetRecordsCommand({ ShardIterator }));
    if (!answer.Records?.length) return removed;
    for (const { eventName, dynamodb, userIdentity } of answer.Records) {
      if (eventName !== 'REMOVE') continue;
      const byService = userIdentity?.PrincipalId === 'dynamodb.amazonaws.com';
      removed.push({ name: dynamodb?.Keys?.pk?.S ?? '', byService });
    }
    ShardIterator = answer.NextShardIterator;
  }
}
