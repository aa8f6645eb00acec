import type { LaneFailure, LaneSettings } from './lane.ts';
import type { StreamRecord } from './shard-source.ts';

/** A batch, or a part of one after a split or a partial success; or what closes a window. */
export interface Segment {
  readonly records: readonly StreamRecord[];
  /** Set for the invocation without records that closes a tumbling window. */
  readonly closes?: 'at-its-end' | 'early';
  /** Failed tries that count against `maximumRetryAttempts`. */
  readonly failures: number;
  /** All tries that the function answered. */
  readonly invokeCount: number;
  /** Throttles and absences in a row. */
  readonly setbacks: number;
  /** The function was there to be asked: from now on the stream's retention is a limit. */
  readonly tried: boolean;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly lastFailure: LaneFailure | undefined;
}

export type DiscardCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/** Records that the mapping gives up; what is known of them goes to the on-failure destination. */
export interface Discard {
  readonly condition: DiscardCondition;
  /** Empty where it is a window's closing that is given up. */
  readonly records: readonly StreamRecord[];
  readonly invokeCount: number;
  /** How the function failed last; missing if it was never reached. */
  readonly lastFailure: LaneFailure | undefined;
}

const UNTRIED = { failures: 0, invokeCount: 0, setbacks: 0, tried: false, lastFailure: undefined };

export function newSegment(records: readonly StreamRecord[], now: number): Segment {
  return { ...UNTRIED, records, notBefore: now };
}

export function closingSegment(closes: Segment['closes'] & string, now: number): Segment {
  return { ...UNTRIED, records: [], closes, notBefore: now };
}

/** The function was throttled or is not there: wait, but no attempt is used up. */
export function setBack(head: Segment, settings: LaneSettings, by: string, now: number): Segment {
  const setbacks = head.setbacks + 1;
  const notBefore = now + backoff(settings, setbacks);
  return { ...head, setbacks, tried: head.tried || by === 'throttled', notBefore };
}

/**
 * What is left of a failed batch: split in two, which costs no retry, or to be tried again as it is.
 * With a partial response (`progressed`) the batch is split where it failed, and only the rest is
 * left. https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 */
export function afterFailure(
  tried: Segment,
  settings: LaneSettings,
  progressed: boolean,
  now: number,
): Segment[] {
  const { records } = tried;
  if (settings.bisectBatchOnFunctionError && records.length > 1) {
    if (progressed) return [{ ...tried, notBefore: now }];
    const middle = Math.ceil(records.length / 2);
    const halves = [records.slice(0, middle), records.slice(middle)];
    return halves.map((half) => ({ ...tried, records: half, notBefore: now }));
  }
  const failures = tried.failures + 1;
  return [{ ...tried, failures, notBefore: now + backoff(settings, failures) }];
}

/** What of the segment has to be given up before anything else happens, if anything has. */
export function overdue(head: Segment, settings: LaneSettings, now: number): Discard | undefined {
  return expired(head, settings, now) ?? exhausted(head, settings);
}

/** The oldest records of the segment if they are too old to be sent (again). */
function expired(head: Segment, settings: LaneSettings, now: number): Discard | undefined {
  const limit = ageLimit(head, settings);
  const young = head.records.findIndex((record) => now - record.arrivedAt < limit);
  const records = young < 0 ? head.records : head.records.slice(0, young);
  return records.length === 0 ? undefined : toDiscard('RecordAgeExceeded', head, records);
}

/** When the segment's oldest record will be too old, if nothing becomes of it before. */
export function expiresAt(head: Segment, settings: LaneSettings): number {
  const [oldest] = head.records;
  return oldest ? oldest.arrivedAt + ageLimit(head, settings) : Number.POSITIVE_INFINITY;
}

/**
 * Retries "without end" end when the stream itself lets go of the record. Before the first try the
 * retention is the stream's own business: what it still shows is delivered.
 */
function ageLimit(head: Segment, settings: LaneSettings): number {
  const { maximumRecordAgeMs, retentionMs } = settings;
  const age = maximumRecordAgeMs < 0 ? Number.POSITIVE_INFINITY : maximumRecordAgeMs;
  return head.tried ? Math.min(age, retentionMs) : age;
}

function exhausted(head: Segment, settings: LaneSettings): Discard | undefined {
  const limit = settings.maximumRetryAttempts;
  // A window's last invocation is repeated until it succeeds: there are no records to discard.
  if (limit < 0 || head.failures <= limit || head.closes) return undefined;
  return toDiscard('RetryAttemptsExhausted', head, head.records);
}

export function toDiscard(
  condition: DiscardCondition,
  head: Segment,
  records: readonly StreamRecord[],
): Discard {
  const { invokeCount, lastFailure } = head;
  return { condition, records, invokeCount, lastFailure };
}

export function backoff(settings: LaneSettings, times: number): number {
  const { first, last } = settings.backoffMs;
  return Math.min(first * 2 ** (times - 1), last);
}
