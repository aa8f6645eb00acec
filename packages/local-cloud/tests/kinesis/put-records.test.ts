import { createHash } from 'node:crypto';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CloudFixture, startCloudFixture } from '../edge/cloud-fixture.ts';

let fixture: CloudFixture;
let kinesis: KinesisClient;
const refused = new Map<string, string>();
beforeAll(async () => {
  fixture = await startCloudFixture({
    admitRecord: (_, { partitionKey }) => {
      const code = refused.get(partitionKey);
      return code === undefined ? undefined : { code, message: `no ${partitionKey}` };
    },
  });
  kinesis = new KinesisClient({ ...fixture.client, maxAttempts: 1 });
});
afterAll(() => fixture.stop());

async function createStream(StreamName: string, ShardCount: number): Promise<void> {
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount }));
  await untilActive(StreamName);
}

const untilActive = (StreamName: string) =>
  expect
    .poll(async () => {
      const answer = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
      return answer.StreamDescriptionSummary?.StreamStatus;
    })
    .toBe('ACTIVE');

async function contents(StreamName: string): Promise<string[]> {
  const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName }));
  const texts: string[] = [];
  for (const { ShardId } of Shards) {
    const start = { StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(start));
    const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
    texts.push(...Records.map(({ Data }) => Buffer.from(Data ?? []).toString()));
  }
  return texts;
}

const put = (StreamName: string, Records: { PartitionKey: string; Data: Uint8Array }[]) =>
  kinesis.send(new PutRecordsCommand({ StreamName, Records }));

const record = (PartitionKey: string, text: string) => ({ PartitionKey, Data: Buffer.from(text) });

it('stores what is admitted, and tells of each refused record at its place', async () => {
  await createStream('partly', 2);
  refused.set('b', 'InternalFailure').set('d', 'ProvisionedThroughputExceededException');
  const names = ['a', 'b', 'c', 'd', 'a'];
  const answer = await put(
    'partly',
    names.map((name, index) => record(name, `${name}${index}`)),
  );
  refused.clear();
  expect(answer.FailedRecordCount).toBe(2);
  expect(answer.Records?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    undefined,
    'InternalFailure',
    undefined,
    'ProvisionedThroughputExceededException',
    undefined,
  ]);
  expect(answer.Records?.[3]?.ErrorMessage).toBe('no d');
  const sequences = answer.Records?.map(({ SequenceNumber }) => SequenceNumber);
  expect(BigInt(sequences?.[4] ?? 0)).toBeGreaterThan(BigInt(sequences?.[0] ?? 0));
  expect((await contents('partly')).toSorted()).toEqual(['a0', 'a4', 'c2']);
});

it('refuses PutRecord as a whole, and stores nothing', async () => {
  await createStream('single', 1);
  refused.set('b', 'ProvisionedThroughputExceededException').set('i', 'InternalFailure');
  const send = (PartitionKey: string) =>
    kinesis.send(new PutRecordCommand({ StreamName: 'single', ...record(PartitionKey, 'x') }));
  await expect(send('b')).rejects.toMatchObject({
    name: 'ProvisionedThroughputExceededException',
    $metadata: { httpStatusCode: 400 },
  });
  await expect(send('i')).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
  const nothing = await put('single', [record('b', 'y'), record('i', 'z')]);
  expect(nothing.FailedRecordCount).toBe(2);
  refused.clear();
  expect(await contents('single')).toEqual([]);
});

it('throttles by shard: the records of one fail, those of the other are stored', async () => {
  await createStream('shards', 2);
  const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName: 'shards' }));
  const [first] = Shards;
  const keys = Array.from({ length: 50 }, (_, index) => `key ${index}`);
  const inFirst = (key: string) => hashOf(key) <= BigInt(first?.HashKeyRange?.EndingHashKey ?? 0);
  const here = keys.find(inFirst) ?? '';
  const there = keys.find((key) => !inFirst(key)) ?? '';
  const kilobytes = 'x'.repeat(300 * 1024);
  const answer = await put('shards', [
    ...Array.from({ length: 6 }, () => record(here, kilobytes)),
    ...Array.from({ length: 3 }, () => record(there, kilobytes)),
  ]);
  // 300 KiB come in six times before a second has passed: three fit, and perhaps a fourth.
  const codes = answer.Records?.map(({ ErrorCode }) => ErrorCode);
  expect(codes?.slice(0, 3)).toEqual([undefined, undefined, undefined]);
  expect(codes?.slice(4, 6)).toEqual(Array(2).fill('ProvisionedThroughputExceededException'));
  expect(codes?.slice(6)).toEqual([undefined, undefined, undefined]);
  expect(answer.Records?.[5]?.ErrorMessage).toContain(first?.ShardId);
  expect(new Set(answer.Records?.slice(6).map(({ ShardId }) => ShardId))).toEqual(
    new Set([Shards[1]?.ShardId]),
  );
});

it('asks the shard that is open now: a split doubles what a stream takes', async () => {
  await createStream('split', 1);
  const half = 'x'.repeat(512 * 1024 - 1);
  const low = { ExplicitHashKey: '0', ...record('k', half) };
  const high = { ExplicitHashKey: (2n ** 128n - 1n).toString(), ...record('k', half) };
  const load = [low, low, high, high];
  expect((await put('split', load)).FailedRecordCount).toBe(2);
  await kinesis.send(
    new SplitShardCommand({
      StreamName: 'split',
      ShardToSplit: 'shardId-000000000000',
      NewStartingHashKey: (2n ** 127n).toString(),
    }),
  );
  await untilActive('split');
  const answer = await put('split', load);
  expect(answer.FailedRecordCount).toBe(0);
  expect(answer.Records?.map(({ ShardId }) => ShardId)).toEqual([
    ...Array(2).fill('shardId-000000000001'),
    ...Array(2).fill('shardId-000000000002'),
  ]);
});

it('refuses more than 500 records, more than 5 MiB, and a record above 1 MiB with its key', async () => {
  await createStream('limits', 4);
  const many = Array.from({ length: 501 }, (_, index) => record(`${index}`, 'x'));
  await expect(put('limits', many)).rejects.toMatchObject({ name: 'ValidationException' });
  const large = Array.from({ length: 6 }, (_, index) => record(`${index}`, 'x'.repeat(900 * 1024)));
  await expect(put('limits', large)).rejects.toMatchObject({ name: 'InvalidArgumentException' });
  const full = 'x'.repeat(1024 * 1024);
  await expect(put('limits', [record('k', full)])).rejects.toMatchObject({
    name: 'ValidationException',
  });
  expect((await put('limits', [record('k', full.slice(1))])).FailedRecordCount).toBe(0);
});

it('leaves what is malformed, or for a stream that is not there, to the engine', async () => {
  await expect(put('missing', [record('k', 'x')])).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  await createStream('malformed', 1);
  const odd = { ...record('k', 'x'), ExplicitHashKey: 'f00d' };
  await expect(put('malformed', [odd])).rejects.toMatchObject({ name: 'ValidationException' });
  const outside = { ...record('k', 'x'), ExplicitHashKey: (2n ** 128n).toString() };
  await expect(put('malformed', [outside])).rejects.toMatchObject({
    name: 'InvalidArgumentException',
  });
});

function hashOf(partitionKey: string): bigint {
  return BigInt(`0x${createHash('md5').update(partitionKey).digest('hex')}`);
}
