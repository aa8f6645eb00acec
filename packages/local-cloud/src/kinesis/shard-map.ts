import { createHash } from 'node:crypto';
import type { KinesisEngine } from '../engines/kinesis.ts';

/** An open shard; the ends of its hash range (inclusive) as 32 hexadecimal digits. */
export interface OpenShard {
  readonly shardId: string;
  readonly from: string;
  readonly to: string;
}

export interface StreamShards {
  readonly isActive: boolean;
  readonly open: readonly OpenShard[];
  /** Ids of those that were split or merged. */
  readonly closed: readonly string[];
}

/** Which shard a record of a stream falls into. */
export interface ShardMap {
  /** Answers at once from memory but for the first time and after a change; `undefined`: no such stream. */
  shardsOf(stream: string): Promise<readonly OpenShard[] | undefined>;
  /** As `shardsOf`, from the engine, and whether the stream is at rest. */
  describe(stream: string): Promise<StreamShards | undefined>;
  /** The stream is about to change its shards, or was just asked to. */
  changed(stream: string): void;
}

interface StreamDescription {
  readonly StreamStatus: string;
  readonly Shards: readonly {
    readonly ShardId: string;
    readonly HashKeyRange: { readonly StartingHashKey: string; readonly EndingHashKey: string };
    readonly SequenceNumberRange: { readonly EndingSequenceNumber?: string };
  }[];
}

export function createShardMap(engine: KinesisEngine): ShardMap {
  const known = new Map<string, readonly OpenShard[]>();
  /** Grows with every change: what was asked before a change must not be remembered after it. */
  let changes = 0;

  async function describe(stream: string): Promise<StreamShards | undefined> {
    const asked = changes;
    const description = await ask(engine, stream);
    if (!description) return undefined;
    const open = openShards(description);
    const isActive = description.StreamStatus === 'ACTIVE';
    if (isActive && asked === changes) known.set(stream, open);
    const isOpen = new Set(open.map(({ shardId }) => shardId));
    const ids = description.Shards.map(({ ShardId }) => ShardId);
    return { isActive, open, closed: ids.filter((id) => !isOpen.has(id)) };
  }

  return {
    shardsOf: async (stream) => known.get(stream) ?? (await describe(stream))?.open,
    describe,
    changed(stream) {
      changes += 1;
      known.delete(stream);
    },
  };
}

async function ask(engine: KinesisEngine, stream: string): Promise<StreamDescription | undefined> {
  const answer = await engine.call('DescribeStream', { StreamName: stream, Limit: 10_000 });
  return answer.status === 200
    ? (answer.body.StreamDescription as StreamDescription | undefined)
    : undefined;
}

function openShards({ Shards }: StreamDescription): OpenShard[] {
  return Shards.flatMap(({ ShardId, HashKeyRange, SequenceNumberRange }) =>
    SequenceNumberRange.EndingSequenceNumber === undefined
      ? [
          {
            shardId: ShardId,
            from: hex(HashKeyRange.StartingHashKey),
            to: hex(HashKeyRange.EndingHashKey),
          },
        ]
      : [],
  );
}

/**
 * The shard whose hash range holds the record: by the MD5 of its partition key, or by its explicit
 * hash key (decimal). `undefined` while a stream without open shards is being made or deleted.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html
 */
export function shardOf(
  shards: readonly OpenShard[],
  partitionKey: string,
  explicitHashKey: string | undefined,
): string | undefined {
  const hash =
    explicitHashKey === undefined
      ? createHash('md5').update(partitionKey).digest('hex')
      : hex(explicitHashKey);
  return shards.find(({ from, to }) => from <= hash && hash <= to)?.shardId;
}

function hex(decimal: string): string {
  return BigInt(decimal).toString(16).padStart(32, '0');
}
