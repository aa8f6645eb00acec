import type { AdmitRecord, RecordRefusal } from '../kinesis/admission.ts';
import { shardOf } from '../kinesis/hash-range.ts';
import type { LoggedRecord } from './kinesis-reader.ts';
import {
  finished,
  type KinesisStore,
  recordKey,
  type StoredShard,
  type StoredStream,
  shardHex,
  shardIndex,
  streamKey,
  type Write,
} from './kinesis-store.ts';
import type { KinesisStreams, KnownStream } from './kinesis-streams.ts';

/** So many shards count their sequence numbers together. */
const SHARDS_PER_COUNT = 5;

/** A valid entry of PutRecords. */
export interface PutEntry {
  readonly PartitionKey: string;
  readonly ExplicitHashKey?: string | null;
  /** Base64. */
  readonly Data: string;
}

/** What became of an entry: its place in the stream, or why it was not let in. */
export type PutOutcome =
  | { readonly ShardId: string; readonly SequenceNumber: string }
  | { readonly refusal: RecordRefusal };

/**
 * Stores records, in their order, and resolves when LevelDB has handed them to the kernel: all that
 * `admit` lets in, or none. What became of each comes in the same order.
 *
 * `undefined`: the stream is not there (or not yet), or a hash key is out of range; nothing was done.
 * Rejects when the database cannot be written.
 */
export type PutRecords = (
  stream: string,
  entries: readonly PutEntry[],
  admit: AdmitRecord,
) => Promise<readonly PutOutcome[] | undefined>;

/**
 * Records and the stream's count of them are one write: kinesalite makes two, each after a look into
 * the database, and every look is a way through another thread and back.
 */
export function createRecordWriter(options: {
  readonly store: KinesisStore;
  readonly streams: KinesisStreams;
  /** The stream has new records, here by shard. Called before who put them is told. */
  readonly onStored: (
    stream: string,
    records: ReadonlyMap<string, readonly LoggedRecord[]>,
  ) => void;
}): PutRecords {
  const { store, streams, onStored } = options;

  async function put(name: string, entries: readonly PutEntry[], admit: AdmitRecord) {
    const stream = await streams.find(name);
    const places = stream && isWritable(stream.stored) ? placesOf(stream, entries) : undefined;
    if (!stream || !places) return undefined;
    const counts = [...stream.stored._seqIx];
    const records = new Map<string, LoggedRecord[]>();
    const outcomes = places.map(({ entry, shard }): PutOutcome => {
      const { PartitionKey: partitionKey } = entry;
      const { ShardId } = shard;
      const refusal = admit(name, { partitionKey, shardId: ShardId, bytes: sizeOf(entry) });
      if (refusal) return { refusal };
      const record = numbered(entry, shard, counts);
      const before = records.get(ShardId);
      if (before) before.push(record);
      else records.set(ShardId, [record]);
      return { ShardId, SequenceNumber: record.SequenceNumber };
    });
    if (records.size === 0) return outcomes;
    const stored = { ...stream.stored, _seqIx: counts };
    const writes = [...records].flatMap(([shardId, some]) => writesOf(name, shardId, some));
    writes.push({ type: 'put', key: streamKey(name), value: JSON.stringify(stored) });
    await finished((done) => store.db.batch(writes, done));
    streams.written(name, { ...stream, stored });
    onStored(name, records);
    return outcomes;
  }

  return (name, entries, admit) =>
    new Promise((resolve, reject) => {
      store.metaDb.lock(name, (release) => {
        put(name, entries, admit).then(release(resolve), release(reject));
      });
    });
}

/** The record with the next number of its shard; takes that from `counts`. */
function numbered(
  { PartitionKey, Data }: PutEntry,
  { ShardId, SequenceNumberRange: { StartingSequenceNumber: start } }: StoredShard,
  counts: (number | null)[],
): LoggedRecord {
  const arrivedAt = Math.max(Date.now(), secondsOf(start) * 1_000);
  const group = Math.floor(shardIndex(ShardId) / SHARDS_PER_COUNT);
  // Never 0: that is the shard's own starting sequence number.
  const count = counts[group] ?? 1;
  counts[group] = count + 1;
  const SequenceNumber = sequenceNumber(start, count, arrivedAt, ShardId);
  return { PartitionKey, Data, ApproximateArrivalTimestamp: arrivedAt / 1_000, SequenceNumber };
}

function writesOf(stream: string, shardId: string, records: readonly LoggedRecord[]): Write[] {
  return records.map(({ SequenceNumber, ...record }) => ({
    type: 'put',
    key: recordKey(stream, shardId, SequenceNumber),
    value: JSON.stringify(record),
  }));
}

const isWritable = ({ StreamStatus }: StoredStream) =>
  StreamStatus === 'ACTIVE' || StreamStatus === 'UPDATING';

function placesOf({ open }: KnownStream, entries: readonly PutEntry[]) {
  const places = entries.flatMap((entry) => {
    const found = shardOf(open, entry.PartitionKey, entry.ExplicitHashKey ?? undefined);
    return found ? [{ entry, shard: found.shard }] : [];
  });
  return places.length === entries.length ? places : undefined;
}

/** Data and partition key together, in bytes, as AWS counts a record's size. */
export function sizeOf({ Data, PartitionKey }: PutEntry): number {
  return Buffer.byteLength(Data, 'base64') + Buffer.byteLength(PartitionKey);
}

/**
 * In hexadecimal: a 2, the seconds at which the shard was made (9 digits), the last digit of the
 * shard, the count (16), 00, the seconds of the arrival (9), the shard (8), and the version, 2.
 */
function sequenceNumber(start: string, count: number, arrivedAt: number, shardId: string): string {
  const shard = shardHex(shardIndex(shardId));
  const made = nineDigits(secondsOf(start));
  const counted = count.toString(16).padStart(16, '0');
  const arrived = nineDigits(Math.floor(arrivedAt / 1_000));
  return BigInt(`0x2${made}${shard.at(-1)}${counted}00${arrived}${shard}2`).toString();
}

const nineDigits = (seconds: number) => seconds.toString(16).padStart(9, '0');

/** When the shard of a sequence number was made. */
const secondsOf = (sequence: string) =>
  Number.parseInt(BigInt(sequence).toString(16).slice(1, 10), 16);

/** Whether it is a sequence number as they are given here, and not of a time that is yet to come. */
export function isSequenceOfThePast(sequence: unknown): boolean {
  if (typeof sequence !== 'string' || !/^[1-9]\d{55}$/.test(sequence)) return false;
  const digits = BigInt(sequence).toString(16);
  const arrived = Number.parseInt(digits.slice(29, 38), 16);
  return /^2.{45}2$/.test(digits) && arrived * 1_000 <= Date.now();
}
