import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type KinesisEngine, startKinesis } from '../../src/engines/kinesis.ts';
import { temporaryState } from './engine-fixture.ts';

let state: ReturnType<typeof temporaryState>;
let engine: KinesisEngine;
const start = () =>
  startKinesis({ state: state.state, region: 'us-east-1', accountId: '000000000000' });

beforeEach(() => {
  state = temporaryState();
  engine = start();
});
afterEach(async () => {
  await engine.close();
  state.remove();
});

let streams = 0;
async function createStream(ShardCount: number): Promise<string> {
  streams += 1;
  const name = `stream-${streams}`;
  await engine.call('CreateStream', { StreamName: name, ShardCount });
  await untilActive(name);
  return name;
}

const untilActive = (name: string) =>
  expect
    .poll(async () => (await engine.log.describe(name))?.StreamStatus, { interval: 2 })
    .toBe('ACTIVE');

const entry = (text: string, PartitionKey = text.slice(0, 20)) => ({
  PartitionKey,
  Data: Buffer.from(text).toString('base64'),
});
const put = (stream: string, texts: readonly string[]) =>
  engine.put(
    stream,
    texts.map((text) => entry(text)),
    () => undefined,
  );
/** As clients of before did it, by the engine's own way. */
const putByEngine = (StreamName: string, texts: readonly string[]) =>
  engine.call('PutRecords', { StreamName, Records: texts.map((text) => entry(text)) });

const textOf = ({ Data }: { Data: string }) => Buffer.from(Data, 'base64').toString();

/** What GetRecords answers for a shard, from its beginning. */
async function recordsOf(StreamName: string, ShardId: string) {
  const from = { StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
  const { body } = await engine.call('GetShardIterator', from);
  const answer = await engine.call('GetRecords', { ShardIterator: body.ShardIterator });
  return answer.body.Records as { Data: string; SequenceNumber: string }[];
}

const shardIds = async (stream: string) =>
  ((await engine.log.describe(stream))?.Shards ?? []).map(({ ShardId }) => ShardId);

/** A reader of a shard, with the place that it has come to. */
function reader(stream: string, shardId: string) {
  const seen: string[] = [];
  let after: string | undefined;
  return {
    shardId,
    seen,
    async read(limit: number) {
      const page = await engine.log.read(stream, shardId, after, limit);
      if (!page) throw new Error(`There is no ${shardId}.`);
      after = page.last ?? after;
      expect(page.records.length).toBeLessThanOrEqual(limit);
      seen.push(...page.records.map(textOf));
      return page;
    },
  };
}

type Step =
  | { readonly do: 'put'; readonly count: number; readonly size: number }
  | { readonly do: 'put by engine'; readonly count: number; readonly size: number }
  | { readonly do: 'read'; readonly reader: number; readonly limit: number }
  | { readonly do: 'together'; readonly count: number; readonly limit: number };

const count = fc.integer({ min: 1, max: 6 });
const limit = fc.integer({ min: 1, max: 8 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('put' as const, 'put by engine' as const),
    count,
    // Some of them more than is kept in memory.
    size: fc.constantFrom(1, 1, 1, 30_000, 100_000),
  }),
  fc.record({ do: fc.constant('read' as const), reader: fc.nat(3), limit }),
  fc.record({ do: fc.constant('together' as const), count, limit }),
);

it('gives every reader all records of its shard in order, from memory or not, whoever put them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const stream = await createStream(2);
      const readers = [...(await shardIds(stream)), ...(await shardIds(stream))].map((shardId) =>
        reader(stream, shardId),
      );
      let texts = 0;
      const some = (many: number, size: number) =>
        Array.from({ length: many }, () => {
          texts += 1;
          return `${texts} ${'x'.repeat(size)}`;
        });
      for (const one of steps) {
        if (one.do === 'put') await put(stream, some(one.count, one.size));
        else if (one.do === 'put by engine') await putByEngine(stream, some(one.count, one.size));
        else if (one.do === 'read') await readers[one.reader]?.read(one.limit);
        else {
          const writes = [put(stream, some(one.count, 1)), putByEngine(stream, some(1, 1))];
          const reads = readers.map((each) => each.read(one.limit));
          await Promise.all([...writes, put(stream, some(1, 1)), ...reads]);
        }
      }
      for (const each of readers) {
        while (!(await each.read(5)).isLast);
        const all = await recordsOf(stream, each.shardId);
        expect(each.seen).toEqual(all.map(textOf));
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);

it('gives sequence numbers that the engine takes for its own, higher and higher in each shard', async () => {
  const stream = await createStream(2);
  await put(stream, ['a', 'b', 'c', 'd']);
  await putByEngine(stream, ['e', 'f']);
  const outcomes = await put(stream, ['g', 'h', 'i', 'j']);
  for (const outcome of outcomes ?? []) {
    if ('refusal' in outcome) throw new Error('refused');
    const { ShardId, SequenceNumber } = outcome;
    const all = await recordsOf(stream, ShardId);
    const numbers = all.map((record) => record.SequenceNumber);
    expect(numbers).toEqual(numbers.toSorted());
    expect(new Set(numbers).size).toBe(numbers.length);
    const place = { StreamName: stream, ShardId, StartingSequenceNumber: SequenceNumber };
    const { body } = await engine.call('GetShardIterator', {
      ...{ ...place, ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' },
    });
    const behind = await engine.call('GetRecords', { ShardIterator: body.ShardIterator });
    const expected = numbers.slice(numbers.indexOf(SequenceNumber) + 1);
    expect(behind.body.Records).toMatchObject(
      expected.map((number) => ({ SequenceNumber: number })),
    );
  }
});

it('counts on where it was after a restart', async () => {
  const stream = await createStream(1);
  await put(stream, ['a', 'b']);
  await engine.close();
  engine = start();
  await put(stream, ['c']);
  expect((await recordsOf(stream, 'shardId-000000000000')).map(textOf)).toEqual(['a', 'b', 'c']);
});

it('puts into the shards that a split made, and says of the old one that it ends', async () => {
  const stream = await createStream(1);
  await put(stream, ['a']);
  const parent = reader(stream, 'shardId-000000000000');
  expect(await parent.read(10)).toMatchObject({ isLast: true, isClosed: false });
  await put(stream, ['b', 'c']);
  await engine.call('SplitShard', {
    StreamName: stream,
    ShardToSplit: parent.shardId,
    NewStartingHashKey: (2n ** 127n).toString(),
  });
  await untilActive(stream);
  const outcomes = await put(stream, ['d', 'e', 'f', 'g', 'h']);
  const shards = outcomes?.map((outcome) => 'ShardId' in outcome && outcome.ShardId);
  expect(new Set(shards)).toEqual(new Set(['shardId-000000000001', 'shardId-000000000002']));
  expect(await parent.read(1)).toMatchObject({ isLast: false, isClosed: true });
  expect(await parent.read(10)).toMatchObject({ isLast: true, isClosed: true });
  expect(parent.seen).toEqual(['a', 'b', 'c']);
});

it('forgets the records of a stream that was deleted', async () => {
  const stream = await createStream(1);
  const before = reader(stream, 'shardId-000000000000');
  await before.read(1);
  await put(stream, ['old']);
  await engine.call('DeleteStream', { StreamName: stream });
  await expect.poll(() => engine.log.describe(stream), { interval: 2 }).toBeUndefined();
  expect(await put(stream, ['nowhere'])).toBeUndefined();
  expect(await engine.log.read(stream, before.shardId, undefined, 10)).toBeUndefined();
  await engine.call('CreateStream', { StreamName: stream, ShardCount: 1 });
  await untilActive(stream);
  await put(stream, ['new']);
  const after = reader(stream, 'shardId-000000000000');
  await after.read(10);
  expect(after.seen).toEqual(['new']);
});

it('tells of records once they can be read, and before who put them is told', async () => {
  const stream = await createStream(1);
  const told: string[] = [];
  const read = reader(stream, 'shardId-000000000000');
  await read.read(10);
  const reading = Promise.withResolvers<void>();
  engine.onStored((name) => {
    told.push(`stored ${name}`);
    void read.read(10).then(() => reading.resolve());
  });
  await put(stream, ['a']).then(() => told.push('answered'));
  await reading.promise;
  expect(told).toEqual([`stored ${stream}`, 'answered']);
  expect(read.seen).toEqual(['a']);
});

it('shows no record that is older than the retention, and reads on behind it', async () => {
  const stream = await createStream(1);
  await put(stream, ['a', 'b', 'c']);
  const day = 86_400_000;
  const real = Date.now;
  Date.now = () => real() + day + 5_000;
  try {
    const read = reader(stream, 'shardId-000000000000');
    expect(await read.read(2)).toMatchObject({ records: [], isLast: false });
    expect(await read.read(2)).toMatchObject({ records: [], isLast: true });
    await put(stream, ['d']);
    await read.read(2);
    expect(read.seen).toEqual(['d']);
  } finally {
    Date.now = real;
  }
});

it('cuts a page where its records have some 10 MB', async () => {
  const stream = await createStream(1);
  for (let batch = 0; batch < 4; batch += 1) {
    await put(
      stream,
      Array.from({ length: 4 }, (_, index) => `${batch}${index}${'x'.repeat(1_000_000)}`),
    );
  }
  const read = reader(stream, 'shardId-000000000000');
  const pages = [await read.read(10_000), await read.read(10_000)];
  expect(pages.map(({ records }) => records.length)).toEqual([8, 8]);
});

it('misses nothing that is put while a reader comes to the end of the shard', async () => {
  const stream = await createStream(1);
  const long = 'x'.repeat(2_000);
  for (let batch = 0; batch < 2; batch += 1) {
    await put(
      stream,
      Array.from({ length: 200 }, (_, index) => `${batch} ${index} ${long}`),
    );
  }
  const read = reader(stream, 'shardId-000000000000');
  const first = read.read(10_000);
  // One write; the read goes to the disk many times meanwhile.
  await put(stream, ['meanwhile']);
  await first;
  await put(stream, ['behind']);
  while (!(await read.read(10)).isLast);
  expect(read.seen.slice(400)).toEqual(['meanwhile', 'behind']);
});
