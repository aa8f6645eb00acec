import {
  type KinesisStore,
  recordKey,
  type StoredRecord,
  type StoredShard,
  type StoredStream,
  sequenceOf,
  shardEnd,
} from './kinesis-store.ts';
import type { KinesisStreams } from './kinesis-streams.ts';
import type { KinesisTails } from './kinesis-tail.ts';

/** What one page holds at most, in bytes as they are stored: GetRecords of Kinesis answers 10 MB. */
const PAGE_BYTES = 10 * 1024 * 1024;

const HOUR_MS = 3_600_000;

export interface LoggedRecord extends StoredRecord {
  readonly SequenceNumber: string;
}

export interface LogPage {
  readonly records: readonly LoggedRecord[];
  /** How far this page went; missing if there was nothing. */
  readonly last?: string;
  /** There was nothing behind it. */
  readonly isLast: boolean;
  /** The shard was split or merged before the page was read: nothing will ever come behind it. */
  readonly isClosed: boolean;
}

/** Streams as who reads them inside this process does it: by sequence number, without iterators. */
export interface KinesisLog {
  /** `undefined`: there is no such stream. */
  describe(stream: string): Promise<StoredStream | undefined>;
  /**
   * The records behind the sequence number `after` (from the first on without it), in order, but for
   * those that are older than the stream's retention; at most `limit`, and some 10 MB.
   * `undefined`: there is no such shard.
   */
  read(
    stream: string,
    shardId: string,
    after: string | undefined,
    limit: number,
  ): Promise<LogPage | undefined>;
}

export function createKinesisLog(
  store: KinesisStore,
  streams: KinesisStreams,
  tails: KinesisTails,
): KinesisLog {
  return {
    describe: async (name) => (await streams.find(name))?.stored,
    async read(name, shardId, after = '', limit) {
      const stream = (await streams.find(name))?.stored;
      // Looked at before the records: to a shard that is closed nothing is added.
      const shard = stream?.Shards.find(({ ShardId }) => ShardId === shardId);
      if (!stream || !shard) return undefined;
      const keptFrom = Date.now() - stream.RetentionPeriodHours * HOUR_MS;
      const isKept = (record: StoredRecord) =>
        record.ApproximateArrivalTimestamp * 1_000 >= keptFrom;
      const behind = tails.behind(name, shardId, after);
      const mark = tails.mark(name);
      const page = behind
        ? firstPage(behind, limit)
        : await readPage(store, name, shardId, after, limit);
      const { records, last, isLast } = page;
      if (isLast && !behind) tails.begin(name, shardId, last ?? after, mark);
      return { ...page, records: records.filter(isKept), isClosed: isClosed(shard) };
    },
  };
}

export const isClosed = ({ SequenceNumberRange }: StoredShard) =>
  SequenceNumberRange.EndingSequenceNumber !== undefined;

/** Of records that are in memory already. */
function firstPage(all: readonly LoggedRecord[], limit: number): Omit<LogPage, 'isClosed'> {
  const records = all.slice(0, limit);
  const last = records.at(-1)?.SequenceNumber;
  return { records, isLast: records.length === all.length, ...(last !== undefined && { last }) };
}

function readPage(
  store: KinesisStore,
  stream: string,
  shardId: string,
  after: string,
  limit: number,
): Promise<Omit<LogPage, 'isClosed'>> {
  const range = { gt: recordKey(stream, shardId, after), lt: shardEnd(stream, shardId), limit };
  const rows = store.db.iterator({ ...range, keyAsBuffer: false, valueAsBuffer: false });
  const records: LoggedRecord[] = [];
  let last: string | undefined;
  let read = 0;
  let bytes = 0;

  return new Promise((resolve, reject) => {
    const end = (isLast: boolean) => {
      // Nobody waits for the end of the iterator: closing the database does.
      rows.end(() => {});
      resolve({ records, isLast, ...(last !== undefined && { last }) });
    };
    const next = () =>
      rows.next((error, key, value) => {
        if (error) {
          rows.end(() => {});
          return reject(error);
        }
        if (key === undefined || value === undefined) return end(read < limit);
        read += 1;
        bytes += value.length;
        last = sequenceOf(key);
        records.push({ ...(JSON.parse(value) as StoredRecord), SequenceNumber: last });
        if (bytes >= PAGE_BYTES) end(false);
        else next();
      });
    next();
  });
}
