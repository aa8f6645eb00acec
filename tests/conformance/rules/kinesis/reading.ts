import { deepEqual, equal, ok } from 'node:assert/strict';
import {
  DescribeStreamConsumerCommand,
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
  type SubscribeToShardEventStream,
} from '@aws-sdk/client-kinesis';
import type { Rule } from '../../rule.ts';
import type { Stage } from '../../stage/stage.ts';
import type { Stream } from '../../stage/streams.ts';
import { refusal } from '../expectations.ts';
import { pages } from './pages.ts';

const SHARD = 'shardId-000000000000';

async function iteratorOf(
  stage: Stage,
  stream: Stream,
  from: Pick<
    GetShardIteratorCommandInput,
    'ShardIteratorType' | 'StartingSequenceNumber' | 'Timestamp'
  >,
): Promise<string> {
  const { ShardIterator = '' } = await stage.clients.kinesis.send(
    new GetShardIteratorCommand({ StreamName: stream.name, ShardId: SHARD, ...from }),
  );
  return ShardIterator;
}

async function textsFrom(stage: Stage, ShardIterator: string): Promise<string[]> {
  const { Records = [] } = await stage.clients.kinesis.send(
    new GetRecordsCommand({ ShardIterator }),
  );
  return Records.map(({ Data }) => Buffer.from(Data ?? []).toString());
}

async function consumerOf(stage: Stage, { arn: StreamARN }: Stream, ConsumerName: string) {
  const { kinesis } = stage.clients;
  const { Consumer } = await kinesis.send(
    new RegisterStreamConsumerCommand({ StreamARN, ConsumerName }),
  );
  const { ConsumerARN = '' } = Consumer ?? {};
  equal(ConsumerARN.startsWith(`${StreamARN}/consumer/${ConsumerName}`), true);
  return stage.eventually('the consumer is active', async () => {
    const { ConsumerDescription } = await kinesis.send(
      new DescribeStreamConsumerCommand({ ConsumerARN }),
    );
    return ConsumerDescription?.ConsumerStatus === 'ACTIVE' ? ConsumerARN : undefined;
  });
}

async function textsOfSubscription(
  events: AsyncIterable<SubscribeToShardEventStream> | undefined,
  count: number,
): Promise<string[]> {
  const texts: string[] = [];
  for await (const { SubscribeToShardEvent } of events ?? []) {
    for (const { Data } of SubscribeToShardEvent?.Records ?? []) {
      texts.push(Buffer.from(Data ?? []).toString());
    }
    if (texts.length >= count) break;
  }
  return texts;
}

export const reading: readonly Rule[] = [
  {
    id: 'kinesis/iterators-at-and-after-a-sequence-number',
    title: 'TRIM_HORIZON, AT_ and AFTER_SEQUENCE_NUMBER begin at the oldest, that, the next record',
    page: pages.iterators,
    async run(stage) {
      const stream = await stage.stream();
      const [, StartingSequenceNumber] = await stream.put(['a', 'b', 'c']);
      const texts = [];
      for (const from of [
        { ShardIteratorType: 'TRIM_HORIZON' as const },
        { ShardIteratorType: 'AT_SEQUENCE_NUMBER' as const, StartingSequenceNumber },
        { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const, StartingSequenceNumber },
      ]) {
        texts.push(await textsFrom(stage, await iteratorOf(stage, stream, from)));
      }
      deepEqual(texts, [['a', 'b', 'c'], ['b', 'c'], ['c']]);
    },
  },
  {
    id: 'kinesis/the-latest-iterator-waits-for-the-next-record',
    title: 'LATEST begins just after the most recent record',
    page: pages.iterators,
    async run(stage) {
      const stream = await stage.stream();
      await stream.put(['a']);
      const iterator = await iteratorOf(stage, stream, { ShardIteratorType: 'LATEST' });
      await stream.put(['b']);
      deepEqual(await textsFrom(stage, iterator), ['b']);
    },
  },
  {
    id: 'kinesis/an-iterator-at-an-instant-waits-for-the-next-record',
    title:
      'AT_TIMESTAMP begins with the first record of that instant or later, also if it is to come',
    page: pages.iterators,
    async run(stage) {
      const stream = await stage.stream();
      await stream.put(['a']);
      await stage.rest(1_500);
      const at = { ShardIteratorType: 'AT_TIMESTAMP' as const, Timestamp: new Date() };
      const iterator = await iteratorOf(stage, stream, at);
      await stream.put(['b']);
      deepEqual(await textsFrom(stage, iterator), ['b']);
    },
  },
  {
    id: 'kinesis/a-closed-shard-ends',
    title: 'The last GetRecords of a closed shard has no NextShardIterator',
    page: pages.getRecords,
    async run(stage) {
      const stream = await stage.stream();
      await stream.put(['a']);
      await stream.split(SHARD);
      let iterator: string | undefined = await iteratorOf(stage, stream, {
        ShardIteratorType: 'TRIM_HORIZON',
      });
      const texts: string[] = [];
      for (let reads = 0; iterator !== undefined; reads += 1) {
        ok(reads < 10, 'after ten reads the closed shard has not ended');
        const { Records = [], NextShardIterator }: GetRecordsCommandOutput =
          await stage.clients.kinesis.send(new GetRecordsCommand({ ShardIterator: iterator }));
        texts.push(...Records.map(({ Data }) => Buffer.from(Data ?? []).toString()));
        iterator = NextShardIterator ?? undefined;
        await stage.rest(250);
      }
      deepEqual(texts, ['a']);
    },
  },
  {
    id: 'kinesis/a-shard-answers-five-reads-a-second',
    title: 'A shard answers five GetRecords a second, for all its readers together',
    page: pages.limits,
    async run(stage) {
      const stream = await stage.stream();
      const ShardIterator = await iteratorOf(stage, stream, { ShardIteratorType: 'TRIM_HORIZON' });
      const read = () => stage.clients.kinesis.send(new GetRecordsCommand({ ShardIterator }));
      const codes = await Promise.all(Array.from({ length: 12 }, () => refusal(read())));
      const refused = codes.filter(({ code }) => code === 'ProvisionedThroughputExceededException');
      ok(refused.length > 0, 'twelve reads were answered at once');
      ok(refused.length < 12, 'not one read was answered');
    },
  },
  {
    id: 'kinesis/an-aggregated-record-is-one-record',
    title: 'A record that the Producer Library aggregated is stored and delivered as one record',
    page: pages.aggregation,
    async run(stage) {
      const { name: StreamName, arn } = await stage.stream();
      // Magic number, then a message that nobody on the way has to understand.
      const Data = Buffer.concat([Buffer.from('f3899ac2', 'hex'), Buffer.alloc(64, 7)]);
      await stage.clients.kinesis.send(
        new PutRecordCommand({ StreamName, PartitionKey: 'a', Data }),
      );
      const performer = await stage.function(() => null);
      await stage.map(performer, arn);
      const [call] = await performer.called<{ Records: { kinesis: { data: string } }[] }>(1);
      deepEqual(
        call?.event.Records.map(({ kinesis }) => kinesis.data),
        [Data.toString('base64')],
      );
    },
  },
  {
    id: 'kinesis/a-consumer-registers-for-throughput-of-its-own',
    title: 'A consumer registers for enhanced fan-out: 2 MB a second of its own from each shard',
    page: pages.consumers,
    async run(stage) {
      const stream = await stage.stream();
      const { kinesis } = stage.clients;
      const ConsumerARNs = await Promise.all(
        ['reader', 'other'].map((name) => consumerOf(stage, stream, name)),
      );
      await stream.put(['a', 'b']);
      // What all readers of the shard share is used up.
      const ShardIterator = await iteratorOf(stage, stream, { ShardIteratorType: 'TRIM_HORIZON' });
      const read = () => kinesis.send(new GetRecordsCommand({ ShardIterator }));
      await Promise.all(Array.from({ length: 12 }, () => refusal(read())));
      const texts = ConsumerARNs.map(async (ConsumerARN) => {
        const StartingPosition = { Type: 'TRIM_HORIZON' as const };
        const subscribed = { ConsumerARN, ShardId: SHARD, StartingPosition };
        const { EventStream } = await kinesis.send(new SubscribeToShardCommand(subscribed));
        return textsOfSubscription(EventStream, 2);
      });
      deepEqual(await Promise.all(texts), [
        ['a', 'b'],
        ['a', 'b'],
      ]);
    },
  },
];
