import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import {
  type _Record as ChangeRecord,
  DescribeStreamCommand,
  GetShardIteratorCommand as GetChangeIteratorCommand,
  GetRecordsCommand as GetChangesCommand,
} from '@aws-sdk/client-dynamodb-streams';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  type _Record as StreamRecord,
} from '@aws-sdk/client-kinesis';
import type { Clients } from '../workload/clients.ts';

/** Reads what came to a stream since it was read last, past the cloud's own triggers. */
export interface StreamTail<R> {
  /** What was read since the last `clear`, by shard, in its order. */
  readonly records: ReadonlyMap<string, readonly R[]>;
  /** The last sequence number that was ever read of each shard that has records. */
  readonly ends: ReadonlyMap<string, string>;
  /** Reads on to the end; what was read before a failure is kept. */
  read(): Promise<void>;
  clear(): void;
}

interface Page<R> {
  readonly records: readonly R[];
  readonly next: string | undefined;
}

interface ShardAccess<R> {
  shards(): Promise<readonly string[]>;
  iterator(shardId: string, after: string | undefined): Promise<string | undefined>;
  page(iterator: string): Promise<Page<R>>;
  sequenceOf(record: R): string;
}

function createTail<R>(access: ShardAccess<R>): StreamTail<R> {
  const records = new Map<string, R[]>();
  const ends = new Map<string, string>();
  const iterators = new Map<string, string>();
  const reading = new Map<string, Promise<void>>();

  async function readShard(shardId: string): Promise<void> {
    let iterator = iterators.get(shardId) ?? (await access.iterator(shardId, ends.get(shardId)));
    // Forgotten first: after a failure the next reading asks for one at the last known place.
    iterators.delete(shardId);
    while (iterator !== undefined) {
      const page = await access.page(iterator);
      const last = page.records.at(-1);
      iterator = page.next;
      if (!last) break;
      records.set(shardId, [...(records.get(shardId) ?? []), ...page.records]);
      ends.set(shardId, access.sequenceOf(last));
    }
    if (iterator !== undefined) iterators.set(shardId, iterator);
  }

  /** One reader of a shard at a time, also when another shard's failed and the caller went on. */
  function readOnce(shardId: string): Promise<void> {
    const begun = reading.get(shardId) ?? readShard(shardId).finally(() => reading.delete(shardId));
    reading.set(shardId, begun);
    return begun;
  }

  // The streams of these services are neither split nor merged.
  let shards: readonly string[] | undefined;
  return {
    records,
    ends,
    async read() {
      shards ??= await access.shards();
      await Promise.all(shards.map(readOnce));
    },
    clear: () => records.clear(),
  };
}

export function kinesisTail({ kinesis }: Clients, StreamName: string): StreamTail<StreamRecord> {
  return createTail<StreamRecord>({
    async shards() {
      const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName }));
      return Shards.map(({ ShardId = '' }) => ShardId);
    },
    async iterator(ShardId, after) {
      const from =
        after === undefined
          ? ({ ShardIteratorType: 'TRIM_HORIZON' } as const)
          : ({
              ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
              StartingSequenceNumber: after,
            } as const);
      const place = { StreamName, ShardId, ...from };
      return (await kinesis.send(new GetShardIteratorCommand(place))).ShardIterator;
    },
    async page(ShardIterator) {
      const answer = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
      return { records: answer.Records ?? [], next: answer.NextShardIterator };
    },
    sequenceOf: ({ SequenceNumber = '' }) => SequenceNumber,
  });
}

export function changesTail(
  { dynamo, dynamoStreams }: Clients,
  TableName: string,
): StreamTail<ChangeRecord> {
  const arn = (async () => {
    const { Table } = await dynamo.send(new DescribeTableCommand({ TableName }));
    if (!Table?.LatestStreamArn) throw new Error(`The table ${TableName} has no stream.`);
    return Table.LatestStreamArn;
  })();
  return createTail<ChangeRecord>({
    async shards() {
      const place = { StreamArn: await arn };
      const { StreamDescription } = await dynamoStreams.send(new DescribeStreamCommand(place));
      return (StreamDescription?.Shards ?? []).map(({ ShardId = '' }) => ShardId);
    },
    async iterator(ShardId, after) {
      const from =
        after === undefined
          ? ({ ShardIteratorType: 'TRIM_HORIZON' } as const)
          : ({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after } as const);
      const place = { StreamArn: await arn, ShardId, ...from };
      return (await dynamoStreams.send(new GetChangeIteratorCommand(place))).ShardIterator;
    },
    async page(ShardIterator) {
      const answer = await dynamoStreams.send(new GetChangesCommand({ ShardIterator }));
      return { records: answer.Records ?? [], next: answer.NextShardIterator };
    },
    sequenceOf: ({ dynamodb }) => dynamodb?.SequenceNumber ?? '',
  });
}
