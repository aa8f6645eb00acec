import { rmSync } from 'node:fs';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  SplitShardCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCloud } from '../../src/cloud.ts';
import { createMovableClock } from '../../src/movable-clock.ts';
import { openState } from '../../src/state.ts';
import { type CloudFixture, clientSettings, startCloudFixture } from '../edge/cloud-fixture.ts';

const clock = createMovableClock();
let fixture: CloudFixture;
let kinesis: KinesisClient;
beforeAll(async () => {
  fixture = await startCloudFixture({ clock });
  kinesis = new KinesisClient({ ...fixture.client, maxAttempts: 1 });
});
afterAll(async () => {
  await fixture.stop();
  rmSync(fixture.cloud.state.dir, { recursive: true, force: true });
});

async function summaryOf(StreamName: string) {
  const answer = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
  return answer.StreamDescriptionSummary;
}

const untilActive = (StreamName: string) =>
  expect.poll(async () => (await summaryOf(StreamName))?.StreamStatus).toBe('ACTIVE');

async function createStream(StreamName: string, ShardCount: number): Promise<void> {
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount }));
  await untilActive(StreamName);
}

const scale = (StreamName: string, TargetShardCount: number) =>
  kinesis.send(
    new UpdateShardCountCommand({ StreamName, TargetShardCount, ScalingType: 'UNIFORM_SCALING' }),
  );

async function shardsOf(StreamName: string) {
  const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName }));
  const open = Shards.filter(({ SequenceNumberRange }) => {
    return SequenceNumberRange?.EndingSequenceNumber === undefined;
  });
  return { all: Shards, open };
}

it('scales to shards of equal size and keeps what is in the closed ones', async () => {
  await createStream('scaled', 2);
  for (let n = 0; n < 20; n++) {
    const Data = Buffer.from(`${n}`);
    await kinesis.send(new PutRecordCommand({ StreamName: 'scaled', PartitionKey: `${n}`, Data }));
  }
  const answer = await scale('scaled', 3);
  expect(answer).toMatchObject({
    StreamName: 'scaled',
    StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/scaled',
    CurrentShardCount: 2,
    TargetShardCount: 3,
  });
  expect((await summaryOf('scaled'))?.StreamStatus).toBe('UPDATING');
  await expect(scale('scaled', 4)).rejects.toMatchObject({ name: 'ResourceInUseException' });
  const split = new SplitShardCommand({
    StreamName: 'scaled',
    ShardToSplit: 'shardId-000000000000',
    NewStartingHashKey: '12345',
  });
  await expect(kinesis.send(split)).rejects.toMatchObject({ name: 'ResourceInUseException' });
  await untilActive('scaled');

  const { all, open } = await shardsOf('scaled');
  const sizes = open.map(
    ({ HashKeyRange }) =>
      Number(
        BigInt(HashKeyRange?.EndingHashKey ?? 0) - BigInt(HashKeyRange?.StartingHashKey ?? 0),
      ) /
      2 ** 128,
  );
  expect(sizes).toHaveLength(3);
  for (const size of sizes) expect(size).toBeCloseTo(1 / 3, 6);
  const texts: string[] = [];
  for (const { ShardId } of all) {
    const start = { StreamName: 'scaled', ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(start));
    const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
    texts.push(...Records.map(({ Data }) => Buffer.from(Data ?? []).toString()));
  }
  expect(texts.map(Number).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 20 }, (_, n) => n),
  );
});

it('splits no shard twice', async () => {
  await createStream('twice', 1);
  const split = new SplitShardCommand({
    StreamName: 'twice',
    ShardToSplit: 'shardId-000000000000',
    NewStartingHashKey: (2n ** 127n).toString(),
  });
  await kinesis.send(split);
  await untilActive('twice');
  await expect(kinesis.send(split)).rejects.toMatchObject({
    name: 'ResourceInUseException',
    message: expect.stringContaining('already been merged or split'),
  });
  expect((await shardsOf('twice')).open).toHaveLength(2);
});

it('goes on where a kill stopped it', async () => {
  await createStream('resumed', 1);
  await fixture.cloud.close();
  // As if the cloud had been killed between its answer and the first split.
  const state = openState(fixture.cloud.state.dir);
  state.db
    .prepare('INSERT INTO kinesis_scalings VALUES (?, ?, ?, 0)')
    .run('resumed', 2, clock.now());
  state.close();
  const { dir: stateDir } = fixture.cloud.state;
  const cloud = await startCloud({ stateDir, edgePort: 0, mqttPort: 0, clock });
  fixture = { ...fixture, cloud, client: clientSettings(cloud.edgeUrl), stop: cloud.close };
  kinesis = new KinesisClient({ ...fixture.client, maxAttempts: 1 });
  await expect.poll(async () => (await shardsOf('resumed')).open.length).toBe(2);
  await untilActive('resumed');
});

it('scales at most to double and to half, and ten times a day', async () => {
  await createStream('limited', 2);
  await expect(scale('limited', 5)).rejects.toMatchObject({
    name: 'InvalidArgumentException',
    message: expect.stringContaining('over double'),
  });
  await createStream('large', 5);
  await expect(scale('large', 2)).rejects.toMatchObject({
    message: expect.stringContaining('below half'),
  });
  for (let time = 0; time < 10; time++) {
    await scale('limited', time % 2 === 0 ? 1 : 2);
    await untilActive('limited');
  }
  await expect(scale('limited', 1)).rejects.toMatchObject({ name: 'LimitExceededException' });
  clock.advance(24 * 60 * 60_000);
  await scale('limited', 1);
  await untilActive('limited');
  expect((await shardsOf('limited')).open).toHaveLength(1);
});

it('tells on-demand streams apart: four shards, which nobody counts', async () => {
  const StreamName = 'on-demand';
  const StreamModeDetails = { StreamMode: 'ON_DEMAND' } as const;
  await kinesis.send(new CreateStreamCommand({ StreamName, StreamModeDetails }));
  await untilActive(StreamName);
  expect(await summaryOf(StreamName)).toMatchObject({ OpenShardCount: 4, StreamModeDetails });
  await expect(scale(StreamName, 8)).rejects.toMatchObject({ name: 'ValidationException' });
  await kinesis.send(new DeleteStreamCommand({ StreamName }));
  await expect
    .poll(() => summaryOf(StreamName).catch(({ name }) => name))
    .toBe('ResourceNotFoundException');
  await createStream(StreamName, 1);
  const { StreamDescription } = await kinesis.send(new DescribeStreamCommand({ StreamName }));
  expect(StreamDescription?.StreamModeDetails?.StreamMode).toBe('PROVISIONED');
  await expect(scale('missing', 2)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

it('throttles readers at five reads a second and shard', async () => {
  await createStream('read', 1);
  const start = {
    StreamName: 'read',
    ShardId: 'shardId-000000000000',
    ShardIteratorType: 'TRIM_HORIZON',
  } as const;
  const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(start));
  const reads = await Promise.allSettled(
    Array.from({ length: 12 }, () => kinesis.send(new GetRecordsCommand({ ShardIterator }))),
  );
  const refused = reads.flatMap((read) => (read.status === 'rejected' ? [read.reason.name] : []));
  expect(new Set(refused)).toEqual(new Set(['ProvisionedThroughputExceededException']));
  expect(reads.length - refused.length).toBeGreaterThanOrEqual(5);
});
