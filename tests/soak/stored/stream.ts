import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis';
import { isIllegal } from '../expected/things.ts';
import { refusalsOf } from '../generator/poison.ts';
import { ILLEGAL } from '../generator/things.ts';

/** What lies on the stream when everything was sent. */
export interface StreamContent {
  readonly records: number;
  /** Open and closed ones. */
  readonly shards: number;
  /** The last sequence number of each shard that has records. */
  readonly ends: ReadonlyMap<string, string>;
  /** The dead letters that its records must become: `letter <function> <shard>:<sequence>` → code. */
  readonly letters: ReadonlyMap<string, string>;
}

/** Reads the stream from its beginning, one shard after the other, and keeps only what is above. */
export async function readStream(
  client: KinesisClient,
  StreamName: string,
): Promise<StreamContent> {
  const ends = new Map<string, string>();
  const letters = new Map<string, string>();
  let records = 0;
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }));
  for (const { ShardId = '' } of Shards) {
    for await (const { PartitionKey = '', SequenceNumber = '', Data } of recordsOf(ShardId)) {
      records += 1;
      ends.set(ShardId, SequenceNumber);
      for (const [functionKey, code] of refusals(PartitionKey, Data)) {
        letters.set(`letter ${functionKey} ${ShardId}:${SequenceNumber}`, code);
      }
    }
  }
  return { records, shards: Shards.length, ends, letters };

  async function* recordsOf(ShardId: string) {
    const place = { StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    let { ShardIterator } = await client.send(new GetShardIteratorCommand(place));
    while (ShardIterator) {
      const page = await client.send(new GetRecordsCommand({ ShardIterator }));
      const { Records = [], MillisBehindLatest } = page;
      yield* Records;
      if (Records.length === 0 && MillisBehindLatest === 0) return;
      ShardIterator = page.NextShardIterator;
    }
  }
}

function refusals(
  key: string,
  data: Uint8Array | undefined,
): readonly (readonly [string, string])[] {
  if (!key.endsWith(ILLEGAL)) return refusalsOf(key) ?? [];
  const event = JSON.parse(Buffer.from(data ?? []).toString('utf8'));
  return isIllegal(event.data) ? [['projectOrders', 'order_transition_illegal']] : [];
}
