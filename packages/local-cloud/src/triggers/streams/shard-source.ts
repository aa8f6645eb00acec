/** A record of a stream, ready to be put into an event. */
export interface StreamRecord {
  readonly sequenceNumber: string;
  /** What must stay in order: the partition key (Kinesis) or the item's key (DynamoDB). */
  readonly orderingKey: string;
  /** Milliseconds since the epoch (whole seconds for DynamoDB). */
  readonly arrivedAt: number;
  /** The element of `Records`, as AWS writes it, and its JSON text. */
  readonly event: Readonly<Record<string, unknown>>;
  readonly json: string;
  /** Bytes of `json`. */
  readonly bytes: number;
}

/** Where in a shard reading begins. All of these survive a restart. */
export type ShardPosition =
  | { readonly kind: 'trim-horizon' }
  | { readonly kind: 'at-timestamp'; readonly timestamp: number }
  | { readonly kind: 'after'; readonly sequenceNumber: string };

export interface StreamDescription {
  readonly identity: string;
  readonly streamArn: string;
  /** How long the stream keeps a record. */
  readonly retentionMs: number;
}

export interface ShardDescription {
  readonly shardId: string;
  readonly parents: readonly string[];
  /** Known to be closed already; `false` where the engine does not say so reliably. */
  readonly closed: boolean;
}

export interface ShardReader {
  /**
   * The next records in order; none: there were no more. `ended`: the shard is closed and this was
   * its end.
   * Rejects when the engine does not answer; the next call then tries the same place again.
   */
  read(limit: number): Promise<{ records: StreamRecord[]; ended: boolean }>;
}

/** A stream of shards as the mapping engine needs it; one adapter per AWS service. */
export interface ShardSource {
  readonly kind: 'kinesis' | 'dynamodb';
  /** Base polling interval of AWS for an idle shard, in milliseconds. */
  readonly pollIntervalMs: number;
  /**
   * How far that interval may grow while reads find nothing, in milliseconds. More than AWS's only
   * where every write is told to the mapping by a nudge: reading then only finds what was not told.
   */
  readonly idlePollIntervalMs: number;
  /** The most records of one read. */
  readonly readLimit: number;
  /**
   * The stream that is behind the ARN now, or undefined while there is none. The identity changes
   * when a stream is deleted and made again: checkpoints of the old one mean nothing then.
   */
  describe(): Promise<StreamDescription | undefined>;
  listShards(): Promise<ShardDescription[]>;
  /** A position after everything that is in the shard at `now`. */
  latest(shardId: string, now: number): Promise<ShardPosition>;
  open(shardId: string, position: ShardPosition): ShardReader;
  /** false for a record that the engine shows but AWS would not have: it is done as it is. */
  accepts(record: StreamRecord): boolean;
  /**
   * A shard id that is listed again after the stream was made anew stands for the same sequence of
   * records, so that its checkpoint still holds.
   */
  readonly keepsShardsOverIdentities: boolean;
}

export function streamRecord(record: {
  sequenceNumber: string;
  orderingKey: string;
  arrivedAt: number;
  event: Record<string, unknown>;
}): StreamRecord {
  const json = JSON.stringify(record.event);
  return { ...record, json, bytes: Buffer.byteLength(json) };
}
