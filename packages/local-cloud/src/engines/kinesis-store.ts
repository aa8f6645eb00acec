/** What we reach into of kinesalite's database, which comes without types. */
export interface KinesisStore {
  /** LevelDB itself: texts under the keys of `streamKey` and `recordKey`. */
  readonly db: {
    batch(writes: readonly Write[], done: Done): void;
    iterator(range: Range): RowIterator;
  };
  /** The streams by name, with events after each write. */
  readonly metaDb: {
    createReadStream(): AsyncIterable<{ key: string; value: StoredStream }>;
    put(key: string, value: StoredStream, done: Done): void;
    del(key: string, done: Done): void;
    on(event: 'put' | 'del', listener: (stream: string) => void): void;
    /** Whoever writes to a stream has it alone until it calls what `release` makes of its callback. */
    lock(
      stream: string,
      work: (release: <T>(done: (result: T) => void) => typeof done) => void,
    ): void;
  };
  getStream: GetStream;
  deleteStreamDb(stream: string, done: Done): void;
}

export type GetStream = (
  stream: string,
  done: (error: Error | null, found?: StoredStream) => void,
) => void;

export interface StoredStream {
  readonly StreamStatus: string;
  /** Seconds since the epoch. */
  readonly StreamCreationTimestamp: number;
  readonly RetentionPeriodHours: number;
  readonly Shards: readonly StoredShard[];
  /** How many sequence numbers were given away, by five shards each; null before the first. */
  readonly _seqIx: readonly (number | null)[];
}

export interface StoredShard {
  readonly ShardId: string;
  readonly ParentShardId?: string;
  readonly AdjacentParentShardId?: string;
  readonly HashKeyRange: { readonly StartingHashKey: string; readonly EndingHashKey: string };
  readonly SequenceNumberRange: {
    readonly StartingSequenceNumber: string;
    readonly EndingSequenceNumber?: string;
  };
}

/** A record as it lies in the database, its key telling shard and sequence number. */
export interface StoredRecord {
  readonly PartitionKey: string;
  /** Base64. */
  readonly Data: string;
  /** Seconds since the epoch, by the machine's clock. */
  readonly ApproximateArrivalTimestamp: number;
}

export interface Write {
  readonly type: 'put';
  readonly key: string;
  readonly value: string;
}

interface Range {
  readonly gt: string;
  readonly lt: string;
  readonly limit: number;
  readonly keyAsBuffer: false;
  readonly valueAsBuffer: false;
}

interface RowIterator {
  next(done: (error: Error | null | undefined, key?: string, value?: string) => void): void;
  end(done: Done): void;
}

type Done = (error?: Error) => void;

export const streamKey = (stream: string) => `!meta!${stream}`;

/** Ordered by shard, then by sequence number (which all have as many digits). */
export function recordKey(stream: string, shardId: string, sequenceNumber: string): string {
  return `!stream-${stream}!${shardHex(shardIndex(shardId))}/${sequenceNumber}`;
}

/** Everything of a shard lies between its own key and this. */
export function shardEnd(stream: string, shardId: string): string {
  return `!stream-${stream}!${shardHex(shardIndex(shardId) + 1)}`;
}

export const sequenceOf = (key: string) => key.slice(key.lastIndexOf('/') + 1);

/** Shards are numbered in the order in which they came to be. */
export const shardIndex = (shardId: string) => Number(shardId.slice(shardId.indexOf('-') + 1));

export const shardHex = (index: number) => index.toString(16).padStart(8, '0');

/**
 * Streams that a kill caught between two states stay there for ever: nothing in the engine goes on
 * with them. What had not happened yet is taken back (a stream without shards goes, a split or merge
 * is left to who wants it), and a deletion is completed.
 */
export async function settleStreams(store: KinesisStore): Promise<void> {
  const { metaDb } = store;
  for await (const { key, value } of metaDb.createReadStream()) {
    if (value.StreamStatus === 'UPDATING') {
      await finished((done) => metaDb.put(key, { ...value, StreamStatus: 'ACTIVE' }, done));
    } else if (value.StreamStatus !== 'ACTIVE') {
      await finished((done) => store.deleteStreamDb(key, done));
      await finished((done) => metaDb.del(key, done));
    }
  }
}

/** Resolves when `work` calls back; rejects with its error. */
export function finished(work: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    work((error) => (error ? reject(error) : resolve()));
  });
}
