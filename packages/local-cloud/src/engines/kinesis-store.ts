/** What we reach into of kinesalite's database, which comes without types. */
export interface KinesisStore {
  readonly metaDb: {
    createReadStream(): AsyncIterable<{ key: string; value: StoredStream }>;
    put(key: string, value: StoredStream, done: Done): void;
    del(key: string, done: Done): void;
  };
  deleteStreamDb(stream: string, done: Done): void;
}

interface StoredStream {
  readonly StreamStatus: string;
}

type Done = (error?: Error) => void;

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

function finished(work: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    work((error) => (error ? reject(error) : resolve()));
  });
}
