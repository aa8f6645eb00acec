import type { KinesisLog } from '../engines/kinesis-reader.ts';
import { type OpenShard, openShards } from './hash-range.ts';

export interface StreamShards {
  readonly isActive: boolean;
  readonly open: readonly OpenShard[];
  /** Ids of those that were split or merged. */
  readonly closed: readonly string[];
}

/** Which shards a stream has; `undefined`: there is no such stream. */
export async function describeShards(
  log: KinesisLog,
  stream: string,
): Promise<StreamShards | undefined> {
  const description = await log.describe(stream);
  if (!description) return undefined;
  const open = openShards(description.Shards);
  const isOpen = new Set(open.map(({ shardId }) => shardId));
  const ids = description.Shards.map(({ ShardId }) => ShardId);
  return {
    isActive: description.StreamStatus === 'ACTIVE',
    open,
    closed: ids.filter((id) => !isOpen.has(id)),
  };
}
