import type { Backoff, EventStream, StreamEntry } from './ports.ts';

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html */
export const MAX_RECORD_BYTES = 1024 ** 2;
const MAX_BATCH_RECORDS = 500;
const MAX_BATCH_BYTES = 5_000_000;
const ATTEMPTS = 5;

/** Bytes that count against Kinesis' limits. */
export function sizeOf({ data, partitionKey }: StreamEntry): number {
  return data.byteLength + Buffer.byteLength(partitionKey);
}

/**
 * Puts entries on the stream in batches, sending only what was refused again, with backoff.
 * @returns in the place of each entry whether it was taken
 */
export async function deliver(
  entries: readonly StreamEntry[],
  stream: EventStream,
  backoff: Backoff,
): Promise<boolean[]> {
  const taken = entries.map(() => false);
  let open = entries.map((_, index) => index);
  for (let attempt = 1; open.length > 0 && attempt <= ATTEMPTS; attempt += 1) {
    if (attempt > 1) await backoff(attempt - 1);
    for (const batch of batchesOf(open, entries)) {
      const outcomes = await stream.put(batch.map((index) => entryAt(entries, index)));
      for (const [place, index] of batch.entries()) taken[index] = outcomes[place] ?? false;
    }
    open = open.filter((index) => !taken[index]);
  }
  return taken;
}

function* batchesOf(
  indexes: readonly number[],
  entries: readonly StreamEntry[],
): Generator<readonly number[]> {
  let batch: number[] = [];
  let bytes = 0;
  for (const index of indexes) {
    const size = sizeOf(entryAt(entries, index));
    if (
      batch.length === MAX_BATCH_RECORDS ||
      (batch.length > 0 && bytes + size > MAX_BATCH_BYTES)
    ) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(index);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

function entryAt(entries: readonly StreamEntry[], index: number): StreamEntry {
  const entry = entries[index];
  if (entry === undefined) throw new RangeError(`There is no entry ${index}.`);
  return entry;
}
