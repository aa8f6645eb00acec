import type { LoggedRecord } from './kinesis-reader.ts';

/** What is kept of one shard at most, in bytes of data and keys: some hundred small records. */
const TAIL_BYTES = 64 * 1024;

interface Tail {
  /** Everything behind this sequence number is in `records`. */
  from: string;
  records: LoggedRecord[];
  bytes: number;
}

/**
 * The newest records of the shards that are read inside this process, so that who is told of a record
 * has it at once. A reader that came to the end of a shard begins its tail; what is stored from then
 * on is added to it. Who is behind the tail reads the database.
 */
export interface KinesisTails {
  /** To be given to `begin`, by who then looks into the database. */
  mark(stream: string): object;
  /** There is nothing behind `last` in the database, as it was after `mark`. */
  begin(stream: string, shardId: string, last: string, mark: object): void;
  /** These were stored in the shard, and nothing else since the last ones. */
  add(stream: string, stored: ReadonlyMap<string, readonly LoggedRecord[]>): void;
  /** Records are, or were, stored in the stream by others. */
  forget(stream: string): void;
  /** What is behind `after`; `undefined`: the database knows. */
  behind(stream: string, shardId: string, after: string): readonly LoggedRecord[] | undefined;
}

/** Of one stream: a new one is made when the old one may have missed something. */
interface StreamTails {
  readonly shards: Map<string, Tail>;
  /** Changes with every write. */
  mark: object;
}

export function createKinesisTails(): KinesisTails {
  const streams = new Map<string, StreamTails>();

  function tailsOf(name: string): StreamTails {
    const known = streams.get(name) ?? { shards: new Map(), mark: {} };
    streams.set(name, known);
    return known;
  }

  return {
    mark: (name) => tailsOf(name).mark,
    begin(name, shardId, last, mark) {
      const { shards, mark: now } = tailsOf(name);
      // Something was stored in the meantime: the next one who comes to the end has seen it.
      if (mark !== now || shards.has(shardId)) return;
      shards.set(shardId, { from: last, records: [], bytes: 0 });
    },
    add(name, stored) {
      const tails = streams.get(name);
      if (!tails) return;
      tails.mark = {};
      for (const [shardId, records] of stored) {
        const tail = tails.shards.get(shardId);
        if (tail) append(tail, records);
      }
    },
    forget: (name) => void streams.delete(name),
    behind(name, shardId, after) {
      const tail = streams.get(name)?.shards.get(shardId);
      if (!tail || after < tail.from) return undefined;
      return tail.records.filter(({ SequenceNumber }) => SequenceNumber > after);
    },
  };
}

function append(tail: Tail, records: readonly LoggedRecord[]): void {
  // Who began the tail may have seen them in the database before their writer was told.
  for (const record of records.filter(({ SequenceNumber }) => SequenceNumber > tail.from)) {
    const bytes = record.Data.length + record.PartitionKey.length;
    if (tail.bytes + bytes > TAIL_BYTES) {
      // All of it at once: most readers have read it, and the others find it in the database.
      tail.from = tail.records.at(-1)?.SequenceNumber ?? tail.from;
      Object.assign(tail, { records: [], bytes: 0 });
    }
    if (bytes > TAIL_BYTES) tail.from = record.SequenceNumber;
    else {
      tail.records.push(record);
      tail.bytes += bytes;
    }
  }
}
