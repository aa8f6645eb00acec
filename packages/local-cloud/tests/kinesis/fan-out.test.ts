import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DeregisterStreamConsumerCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  ListStreamConsumersCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  type StartingPosition,
  SubscribeToShardCommand,
  type SubscribeToShardEvent,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CloudFixture, startCloudFixture } from '../edge/cloud-fixture.ts';

const SHARD = 'shardId-000000000000';
let fixture: CloudFixture;
let kinesis: KinesisClient;
let streams = 0;

beforeAll(async () => {
  fixture = await startCloudFixture();
  kinesis = new KinesisClient({ ...fixture.client, maxAttempts: 1 });
});
afterAll(async () => {
  kinesis.destroy();
  await fixture.stop();
});

async function newStream() {
  streams += 1;
  const StreamName = `fan-out-${streams}`;
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  const patience = { client: kinesis, maxWaitTime: 20, minDelay: 0.05, maxDelay: 0.05 };
  await waitUntilStreamExists(patience as never, { StreamName });
  const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`;
  return { StreamName, StreamARN };
}

async function newConsumer(StreamARN: string, ConsumerName = 'reader'): Promise<string> {
  const { Consumer } = await kinesis.send(
    new RegisterStreamConsumerCommand({ StreamARN, ConsumerName }),
  );
  return Consumer?.ConsumerARN ?? '';
}

async function subscribe(
  ConsumerARN: string,
  from: StartingPosition = { Type: 'TRIM_HORIZON' },
  client = kinesis,
  abortSignal = new AbortController().signal,
) {
  const { EventStream } = await client.send(
    new SubscribeToShardCommand({ ConsumerARN, ShardId: SHARD, StartingPosition: from }),
    { abortSignal },
  );
  if (!EventStream) throw new Error('no event stream');
  return EventStream;
}

type Events = Awaited<ReturnType<typeof subscribe>>;

async function* eventsOf(events: Events): AsyncGenerator<SubscribeToShardEvent> {
  for await (const event of events) {
    if (event.SubscribeToShardEvent) yield event.SubscribeToShardEvent;
  }
}

const textsOf = ({ Records }: SubscribeToShardEvent) =>
  (Records ?? []).map(({ Data }) => Buffer.from(Data ?? []).toString());

async function texts(events: AsyncGenerator<SubscribeToShardEvent>, count: number) {
  const read: string[] = [];
  while (read.length < count) {
    const { value, done } = await events.next();
    if (done) break;
    read.push(...textsOf(value));
  }
  return read;
}

async function allOf(events: AsyncIterable<SubscribeToShardEvent>) {
  const all: SubscribeToShardEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const put = (StreamName: string, text: string) =>
  kinesis.send(new PutRecordCommand({ StreamName, PartitionKey: 'p', Data: Buffer.from(text) }));

const refused = (name: string) => expect.objectContaining({ name });

it('registers, describes, lists by page and deregisters consumers', async () => {
  const { StreamName, StreamARN } = await newStream();
  const { Consumer } = await kinesis.send(
    new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'b' }),
  );
  expect(Consumer?.ConsumerStatus).toBe('CREATING');
  expect(Consumer?.ConsumerARN).toMatch(/^arn:.*:stream\/fan-out-\d+\/consumer\/b:\d{10}$/);
  await newConsumer(StreamARN, 'a');
  await newConsumer(StreamARN, 'c');

  const byArn = await kinesis.send(
    new DescribeStreamConsumerCommand({ ConsumerARN: Consumer?.ConsumerARN }),
  );
  expect(byArn.ConsumerDescription).toMatchObject({
    ...{ ConsumerName: 'b', ConsumerStatus: 'ACTIVE', StreamARN },
    ConsumerCreationTimestamp: Consumer?.ConsumerCreationTimestamp,
  });
  const first = await kinesis.send(new ListStreamConsumersCommand({ StreamARN, MaxResults: 2 }));
  const { NextToken } = first;
  const rest = await kinesis.send(new ListStreamConsumersCommand({ StreamARN, NextToken }));
  const names = [...(first.Consumers ?? []), ...(rest.Consumers ?? [])];
  expect(first.Consumers).toHaveLength(2);
  expect(names.map((one) => one.ConsumerName)).toEqual(['a', 'b', 'c']);
  expect(rest.NextToken).toBeUndefined();

  const b = { StreamARN, ConsumerName: 'b' };
  await kinesis.send(new DeregisterStreamConsumerCommand(b));
  await expect(kinesis.send(new DescribeStreamConsumerCommand(b))).rejects.toEqual(
    refused('ResourceNotFoundException'),
  );
  const { StreamDescriptionSummary } = await kinesis.send(
    new DescribeStreamSummaryCommand({ StreamName }),
  );
  expect(StreamDescriptionSummary?.ConsumerCount).toBe(2);
});

it('refuses a name that is taken, a bad one, the 21st consumer and an unknown stream', async () => {
  const { StreamARN } = await newStream();
  for (let count = 0; count < 20; count += 1) await newConsumer(StreamARN, `reader-${count}`);
  await expect(newConsumer(StreamARN, 'reader-0')).rejects.toEqual(
    refused('ResourceInUseException'),
  );
  await expect(newConsumer(StreamARN, 'reader-20')).rejects.toEqual(
    refused('LimitExceededException'),
  );
  await expect(newConsumer(StreamARN, 'no/name')).rejects.toEqual(refused('ValidationException'));
  await expect(newConsumer(`${StreamARN}-none`)).rejects.toEqual(
    refused('ResourceNotFoundException'),
  );
});

it('keeps a stream that has consumers unless told to take them along', async () => {
  const { StreamName, StreamARN } = await newStream();
  const arn = await newConsumer(StreamARN);
  const events = eventsOf(await subscribe(arn));
  await expect(kinesis.send(new DeleteStreamCommand({ StreamName }))).rejects.toEqual(
    refused('ResourceInUseException'),
  );
  await kinesis.send(new DeleteStreamCommand({ StreamName, EnforceConsumerDeletion: true }));
  await expect(texts(events, 1)).rejects.toEqual(refused('ResourceNotFoundException'));
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 })).catch(() => {});
  await expect(subscribe(arn)).rejects.toThrow();
});

it('pushes what is there and what comes, in order, within milliseconds', async () => {
  const { StreamName, StreamARN } = await newStream();
  await put(StreamName, 'a');
  const events = eventsOf(await subscribe(await newConsumer(StreamARN)));
  expect(await texts(events, 1)).toEqual(['a']);

  const waits: number[] = [];
  for (let count = 0; count < 9; count += 1) {
    const next = events.next();
    const { SequenceNumber } = await put(StreamName, `b${count}`);
    const putAt = performance.now();
    const { value } = await next;
    waits.push(performance.now() - putAt);
    expect(value && textsOf(value)).toEqual([`b${count}`]);
    expect(value).toMatchObject({
      ...{ ContinuationSequenceNumber: SequenceNumber, MillisBehindLatest: 0 },
    });
  }
  // Well below the half second at which an idle subscription looks by itself.
  expect(waits.toSorted((a, b) => a - b)[4]).toBeLessThan(250);
});

it('begins at and after a sequence number and at the latest', async () => {
  const { StreamName, StreamARN } = await newStream();
  const SequenceNumber = (await put(StreamName, 'a')).SequenceNumber;
  await put(StreamName, 'b');
  const from = async (name: string, position: StartingPosition) =>
    eventsOf(await subscribe(await newConsumer(StreamARN, name), position));
  const at = await from('at', { Type: 'AT_SEQUENCE_NUMBER', SequenceNumber });
  const after = await from('after', { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber });
  const latest = await from('latest', { Type: 'LATEST' });
  const instant = await from('instant', { Type: 'AT_TIMESTAMP', Timestamp: new Date(0) });
  await put(StreamName, 'c');
  expect(await texts(at, 3)).toEqual(['a', 'b', 'c']);
  expect(await texts(after, 2)).toEqual(['b', 'c']);
  expect(await texts(latest, 1)).toEqual(['c']);
  expect(await texts(instant, 3)).toEqual(['a', 'b', 'c']);
});

it('ends a closed shard with its children', async () => {
  const { StreamName, StreamARN } = await newStream();
  await put(StreamName, 'a');
  const events = eventsOf(await subscribe(await newConsumer(StreamARN)));
  await kinesis.send(
    new SplitShardCommand({
      ...{ StreamName, ShardToSplit: SHARD, NewStartingHashKey: (2n ** 127n).toString() },
    }),
  );
  const all = await allOf(events);
  expect(all.flatMap(textsOf)).toEqual(['a']);
  const last = all.at(-1);
  expect(last?.ContinuationSequenceNumber).toBeUndefined();
  expect(last?.ChildShards).toMatchObject([
    { ShardId: 'shardId-000000000001', ParentShards: [SHARD] },
    { ShardId: 'shardId-000000000002', ParentShards: [SHARD] },
  ]);
});

it('gives a consumer one subscription per shard, and the later one its place', async () => {
  const { StreamName, StreamARN } = await newStream();
  const arn = await newConsumer(StreamARN);
  const first = eventsOf(await subscribe(arn));
  await expect(subscribe(arn)).rejects.toEqual(refused('ResourceInUseException'));
  fixture.cloud.clock.advance(5_000);
  const ended = expect(texts(first, 1)).rejects.toEqual(refused('ResourceInUseException'));
  const second = eventsOf(await subscribe(arn));
  await ended;
  await put(StreamName, 'a');
  expect(await texts(second, 1)).toEqual(['a']);
});

it('ends after five minutes, and with its consumer', async () => {
  const { StreamARN } = await newStream();
  const events = eventsOf(await subscribe(await newConsumer(StreamARN, 'patient')));
  const whole = allOf(events);
  fixture.cloud.clock.advance(5 * 60_000);
  expect(await whole).toEqual([]);

  const leaving = eventsOf(await subscribe(await newConsumer(StreamARN, 'leaving')));
  const told = expect(texts(leaving, 1)).rejects.toEqual(refused('ResourceNotFoundException'));
  await kinesis.send(new DeregisterStreamConsumerCommand({ StreamARN, ConsumerName: 'leaving' }));
  await told;
});

it('gives each consumer all of 4 MB, whoever else reads, as fast as AWS does', async () => {
  const { StreamName, StreamARN } = await newStream();
  for (let megabyte = 0; megabyte < 4; megabyte += 1) {
    const Records = [0, 1].map(() => ({ PartitionKey: 'p', Data: Buffer.alloc(500_000, 1) }));
    await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
    fixture.cloud.clock.advance(1_000);
  }
  const readers = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => subscribe(await newConsumer(StreamARN, name))),
  );
  const read = readers.map(async (events) => (await texts(eventsOf(events), 8)).length);
  expect(await Promise.all(read)).toEqual([8, 8, 8]);
}, 30_000);

it('speaks HTTP/1.1 as well, and stops when the client goes away', async () => {
  const { StreamName, StreamARN } = await newStream();
  const ConsumerARN = await newConsumer(StreamARN);
  await put(StreamName, 'a');
  const gone = new AbortController();
  const response = await fetch(fixture.client.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Kinesis_20131202.SubscribeToShard',
    },
    body: JSON.stringify({
      ...{ ConsumerARN, ShardId: SHARD, StartingPosition: { Type: 'TRIM_HORIZON' } },
    }),
    signal: gone.signal,
  });
  expect(response.headers.get('content-type')).toBe('application/vnd.amazon.eventstream');
  const reader = response.body?.getReader();
  let received = '';
  while (!received.includes('"Data":"YQ=="')) {
    const { value, done } = (await reader?.read()) ?? {};
    if (done) break;
    received += Buffer.from(value ?? []).toString('latin1');
  }
  expect(received).toContain('initial-response');
  expect(received).toContain('SubscribeToShardEvent');
  gone.abort();
  fixture.cloud.clock.advance(5_000);
  const next = eventsOf(await subscribe(ConsumerARN));
  expect(await texts(next, 1)).toEqual(['a']);
});
