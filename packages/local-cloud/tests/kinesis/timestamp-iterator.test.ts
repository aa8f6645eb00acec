import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type KinesisEngine, startKinesis } from '../../src/engines/kinesis.ts';
import { iteratorAtTimestamp } from '../../src/kinesis/timestamp-iterator.ts';
import { type CloudState, openState } from '../../src/state.ts';

const StreamName = 'events';
const ShardId = 'shardId-000000000000';
const DAY_MS = 86_400_000;
let folder: string;
let state: CloudState;
let engine: KinesisEngine;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-iterator-'));
  state = openState(folder);
  engine = startKinesis({ state, region: 'us-east-1', accountId: '000000000000' });
  await engine.call('CreateStream', { StreamName, ShardCount: 1 });
  await expect
    .poll(async () => (await engine.call('DescribeStreamSummary', { StreamName })).body)
    .toMatchObject({ StreamDescriptionSummary: { StreamStatus: 'ACTIVE' } });
});
afterEach(async () => {
  vi.useRealTimers();
  await engine.close();
  state.close();
  rmSync(folder, { recursive: true, force: true });
});

const put = (...texts: string[]) => {
  const Records = texts.map((text) => ({
    PartitionKey: 'k',
    Data: Buffer.from(text).toString('base64'),
  }));
  return engine.call('PutRecords', { StreamName, Records });
};
const at = (instant: number) =>
  iteratorAtTimestamp(engine, {
    StreamName,
    ShardId,
    ShardIteratorType: 'AT_TIMESTAMP',
    Timestamp: instant / 1000,
  });

async function read(iterator: unknown): Promise<string[]> {
  const { body } = await engine.call('GetRecords', { ShardIterator: iterator });
  const records = body.Records as { Data: string }[];
  return records.map(({ Data }) => Buffer.from(Data, 'base64').toString());
}

it('waits at the end of a shard that has nothing of that instant yet', async () => {
  await put('before');
  await sleep(5);
  const answer = await at(Date.now());
  await put('after', 'later');
  expect(await read(answer?.body.ShardIterator)).toEqual(['after', 'later']);
});

it('begins with the first record that arrived at the instant or later', async () => {
  await put('before');
  await sleep(5);
  const instant = Date.now();
  await put('after', 'later');
  expect(await read((await at(instant))?.body.ShardIterator)).toEqual(['after', 'later']);
});

it('finds a record behind more expired ones than one page holds', async () => {
  vi.useFakeTimers({ now: Date.now() - 2 * DAY_MS, toFake: ['Date'] });
  const texts = Array.from({ length: 500 }, () => 'expired');
  for (let count = 0; count <= 10_000; count += texts.length) await put(...texts);
  vi.setSystemTime(Date.now() + 2 * DAY_MS);
  const instant = Date.now();
  await put('after');
  expect(await read((await at(instant))?.body.ShardIterator)).toEqual(['after']);
}, 60_000);

it.each([
  ['an instant that is yet to come', { Timestamp: Date.now() / 1000 + 3_600 }],
  ['another type of iterator', { ShardIteratorType: 'LATEST' }],
  ['no instant', { Timestamp: undefined }],
  ['a stream that is not there', { StreamName: 'nothing' }],
])('leaves %s to the engine', async (_, change) => {
  const ShardIteratorType = 'AT_TIMESTAMP';
  const request = { StreamName, ShardId, ShardIteratorType, Timestamp: 1, ...change };
  expect(await iteratorAtTimestamp(engine, request)).toBeUndefined();
});
