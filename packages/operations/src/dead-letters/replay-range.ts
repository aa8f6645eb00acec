import { firstFailed, type Invoke, type Outcome } from './invoke.ts';
import type { Pace } from './pace.ts';
import type { Range } from './queue-messages.ts';
import { RangeTrimmed, readRange, type StreamReader, type StreamRecord } from './read-range.ts';

export interface ReplayPorts {
  readonly reader: StreamReader;
  readonly invoke: Invoke;
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** Before each invocation: the message must stay in our hands. */
  hold(): Promise<void>;
  /** Told how many records of the range are done. */
  onDone(records: number): void;
}

/** Records of one invocation, and their size as JSON: Lambda takes 6 MB. */
const MOST_RECORDS = 100;
const MOST_BYTES = 4_500_000;
/** A single record that fails as often is what the batch failed of. */
const TRIES = 3;

/**
 * Hands a range over to its function again, in its order. What the function wants again, it gets
 * again from there on; a batch that fails is halved, so that all before the record that fails is
 * done. Nothing behind that one is begun.
 */
export async function replayRange(
  functionName: string,
  range: Range,
  ports: ReplayPorts,
): Promise<Outcome> {
  let done = 0;
  try {
    for await (const records of readRange(ports.reader, range)) {
      const ended = await replay(functionName, records, ports, (count) => {
        done += count;
        ports.onDone(done);
      });
      if (ended) return ended;
    }
    return { outcome: 'accepted' };
  } catch (error) {
    if (!(error instanceof RangeTrimmed)) throw error;
    return { outcome: 'trimmed', reason: error.message };
  }
}

async function replay(
  functionName: string,
  records: readonly StreamRecord[],
  { invoke, pace, signal, hold }: ReplayPorts,
  onDone: (records: number) => void,
): Promise<Outcome | undefined> {
  let size = MOST_RECORDS;
  let tries = 0;
  for (let from = 0; from < records.length; ) {
    const chunk = chunkOf(records, from, size);
    await pace(chunk.length);
    if (signal.aborted) return { outcome: 'stopped' };
    await hold();
    const answer = await invoke(functionName, { Records: chunk.map(({ event }) => event) });
    const ids = chunk.map(({ sequenceNumber }) => sequenceNumber);
    const failed = answer.kind === 'failed' ? 0 : firstFailed(answer.payload, ids);
    const count = failed ?? chunk.length;
    if (count > 0) onDone(count);
    from += count;
    if (failed === undefined) size = Math.min(MOST_RECORDS, size * 2);
    else if (chunk.length > 1) size = Math.ceil(chunk.length / 2);
    tries = count > 0 || chunk.length > 1 ? 0 : tries + 1;
    if (tries >= TRIES) {
      const why = answer.kind === 'failed' ? answer.reason : 'the function wants it again';
      return { outcome: 'failed', reason: `at record ${ids[0]}: ${why}` };
    }
  }
  return undefined;
}

function chunkOf(records: readonly StreamRecord[], from: number, size: number): StreamRecord[] {
  const chunk: StreamRecord[] = [];
  let bytes = 0;
  for (const record of records.slice(from, from + size)) {
    bytes += Buffer.byteLength(JSON.stringify(record.event)) + 1;
    if (chunk.length > 0 && bytes > MOST_BYTES) break;
    chunk.push(record);
  }
  return chunk;
}
