import type { LaneFailure, LaneSettings } from './lane.ts';
import { newSegment, type Segment } from './segment.ts';
import { compareSequence } from './sequence-number.ts';
import type { StreamRecord } from './shard-source.ts';
import type { OpenWindow } from './tumbling-window.ts';

/**
 * What a lane keeps over a restart, stored with the checkpoint: how often the batch that is being
 * retried was tried, where it was split, and the open window with its state. Without it a poison
 * batch would start its retries afresh with every restart and might never be given up.
 */
export interface LaneMemory {
  /** Sequence number of the lane's last record that is done. */
  readonly done?: string;
  /** The parts of the batch under way, in order; empty between batches. */
  readonly segments: readonly SegmentMemory[];
  readonly tumblingWindowMs: number;
  readonly window?: OpenWindow;
}

export interface SegmentMemory {
  /** Sequence numbers of its first and last record. */
  readonly first: string;
  readonly last: string;
  readonly size: number;
  readonly failures: number;
  readonly invokeCount: number;
  readonly lastFailure?: LaneFailure;
}

export function rememberSegment(segment: Segment): SegmentMemory[] {
  const { records, failures, invokeCount, lastFailure } = segment;
  const [first] = records;
  const last = records.at(-1);
  // What was never tried is formed anew; what closes a window follows from the window.
  if (!first || !last || invokeCount === 0) return [];
  return [
    {
      ...{ first: first.sequenceNumber, last: last.sequenceNumber, size: records.length },
      ...{ failures, invokeCount },
      ...(lastFailure && { lastFailure }),
    },
  ];
}

/** Forgets what the settings of today would not have let come about. */
export function fitMemory(memory: LaneMemory, settings: LaneSettings): LaneMemory {
  const { tumblingWindowMs } = settings;
  const sameWindows = memory.tumblingWindowMs === tumblingWindowMs;
  const fits = sameWindows && memory.segments.every(({ size }) => size <= settings.batchSize);
  return {
    ...(memory.done !== undefined && { done: memory.done }),
    segments: fits ? memory.segments : [],
    tumblingWindowMs,
    // A window of another length is closed at its own end; without windows nobody asks for it.
    ...(tumblingWindowMs > 0 && memory.window && { window: memory.window }),
  };
}

/** Puts the segments of an earlier life together again from the records as they are read anew. */
export interface Recall {
  /**
   * Takes the record if it is a remembered segment's. `after`: it follows all of them. `unknown`: it
   * should not be where it is, because a setting (a filter, say) changed.
   */
  take(record: StreamRecord): 'taken' | 'after' | 'unknown';
  /** Everything up to here was read: the segments that are complete by that, in order. */
  completeTo(sequenceNumber: string | 'end', now: number): Segment[];
  /** Gives back what was taken, in order, because the shard is not as it is remembered. */
  abandon(): StreamRecord[];
  /** Segments whose records are not all there. */
  readonly missing: readonly SegmentMemory[];
  readonly records: number;
}

export function createRecall(segments: readonly SegmentMemory[]): Recall {
  let open = segments.map((memory) => ({ memory, records: [] as StreamRecord[] }));

  return {
    take(record) {
      const { sequenceNumber } = record;
      const found = open.find(({ memory }) => compareSequence(sequenceNumber, memory.last) <= 0);
      if (!found) return 'after';
      const { memory, records } = found;
      if (compareSequence(sequenceNumber, memory.first) < 0) return 'unknown';
      // More than it had: the lane might wait for its end without room to read so far.
      if (records.length === memory.size) return 'unknown';
      records.push(record);
      return 'taken';
    },
    completeTo(sequenceNumber, now) {
      const isRead = (last: string) =>
        sequenceNumber === 'end' || compareSequence(last, sequenceNumber) <= 0;
      const complete = open.filter(({ memory }) => isRead(memory.last));
      open = open.filter(({ memory }) => !isRead(memory.last));
      // A filter that is new, or the retention, may have taken all records of one.
      return complete.flatMap(({ memory, records }) =>
        records.length === 0 ? [] : [recalled(memory, records, now)],
      );
    },
    abandon() {
      const records = open.flatMap((entry) => entry.records);
      open = [];
      return records;
    },
    get missing() {
      return open.map(({ memory }) => memory);
    },
    get records() {
      return open.reduce((sum, { records }) => sum + records.length, 0);
    },
  };
}

function recalled(memory: SegmentMemory, records: readonly StreamRecord[], now: number): Segment {
  const { failures, invokeCount, lastFailure } = memory;
  return { ...newSegment(records, now), failures, invokeCount, lastFailure, tried: true };
}
