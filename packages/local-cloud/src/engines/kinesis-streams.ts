import { openShards } from '../kinesis/hash-range.ts';
import type { GetStream, KinesisStore, StoredShard, StoredStream } from './kinesis-store.ts';

/** A stream as it is now, for who reads only. */
export interface KnownStream {
  readonly stored: StoredStream;
  readonly open: ReturnType<typeof openShards<StoredShard>>;
}

/** The streams of the database, kept in memory: every request begins with one. */
export interface KinesisStreams {
  /** `undefined`: there is no such stream. */
  find(name: string): Promise<KnownStream | undefined>;
  /** Takes the place of what is known: the database has it. */
  written(name: string, stream: KnownStream): void;
}

/**
 * Lets kinesalite, too, find its streams in memory. They are read once and after each write of it,
 * which its database tells; nobody else has the database open.
 */
export function rememberStreams(store: KinesisStore): KinesisStreams {
  const known = new Map<string, KnownStream>();
  /** Grows with every write: what was read before one must not be remembered after it. */
  let writes = 0;
  const replace = (name: string, stream?: KnownStream) => {
    writes += 1;
    if (stream) known.set(name, stream);
    else known.delete(name);
  };
  const forget = (name: string) => replace(name);
  store.metaDb.on('put', forget);
  store.metaDb.on('del', forget);

  const read = store.getStream;
  const find: GetStream = (name, done) => {
    const stream = known.get(name);
    if (stream) return done(null, stream.stored);
    const before = writes;
    read(name, (error, stored) => {
      if (stored && before === writes) known.set(name, { stored, open: openShards(stored.Shards) });
      done(error, stored);
    });
  };
  // It writes into what it gets, and removes from it what its answers do not show.
  store.getStream = (name, done) =>
    find(name, (error, stored) => done(error, stored && structuredClone(stored)));

  return {
    find: (name) =>
      new Promise((resolve, reject) => {
        find(name, (error, stored) => {
          if (stored) resolve(known.get(name) ?? { stored, open: openShards(stored.Shards) });
          else if (!error || error.name === 'NotFoundError') resolve(undefined);
          else reject(error);
        });
      }),
    written: replace,
  };
}
