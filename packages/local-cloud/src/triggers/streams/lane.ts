import type { InvokeResult } from '../../ports.ts';
import { readBatchResponse } from '../batch-response.ts';
import type { StreamRecord } from './shard-source.ts';

export interface LaneSettings {
  readonly batchSize: number;
  readonly batchWindowMs: number;
  /** −1 = without end. */
  readonly maximumRetryAttempts: number;
  /** −1 = without end. */
  readonly maximumRecordAgeMs: number;
  readonly bisectBatchOnFunctionError: boolean;
  readonly reportBatchItemFailures: boolean;
  readonly maximumPayloadBytes: number;
  /** Wait after a failure, throttle or absence: doubles from `first` to `last`. */
  readonly backoffMs: { readonly first: number; readonly last: number };
}

export type DiscardCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/** Records that the mapping gives up; their metadata go to the on-failure destination. */
export interface Discard {
  readonly condition: DiscardCondition;
  readonly records: readonly StreamRecord[];
  readonly invokeCount: number;
  /** How the function failed last; missing if it was never reached. */
  readonly lastFailure: LaneFailure | undefined;
}

export interface LaneFailure {
  readonly requestId: string;
  /** false: the function succeeded and reported failed records. */
  readonly functionError: boolean;
}

export type LaneAction =
  | { readonly kind: 'invoke'; readonly records: readonly StreamRecord[] }
  | { readonly kind: 'discard'; readonly discard: Discard }
  /** Nothing to do before `until` (without it: before more records arrive). */
  | { readonly kind: 'wait'; readonly until: number | undefined };

/**
 * The order-keeping heart of an event source mapping: one batch in flight, retried, split or given
 * up before the next one starts. No input or output and no clock of its own, so that every rule can
 * be tested in virtual time. A shard has one lane, or `parallelizationFactor` of them.
 *
 * The caller performs what `next` says and answers with `answered` or `discarded`; both return the
 * records that are done and may be checkpointed.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
export interface Lane {
  offer(records: readonly StreamRecord[], now: number): void;
  next(now: number): LaneAction;
  answered(result: InvokeResult, now: number): readonly StreamRecord[];
  discarded(): readonly StreamRecord[];
  /** The function is reachable again: a lane that waits for that goes on at once. */
  resume(now: number): void;
  readonly load: { readonly records: number; readonly bytes: number; readonly failures: number };
  /** Failed batches that were split in two so far. */
  readonly splits: number;
}

/** A batch, or a part of one after a split or a partial success. */
interface Segment {
  readonly records: readonly StreamRecord[];
  /** Failed tries that count against `maximumRetryAttempts`. */
  readonly failures: number;
  /** All tries that the function answered. */
  readonly invokeCount: number;
  /** Throttles and absences in a row. */
  readonly setbacks: number;
  readonly notBefore: number;
  readonly lastFailure: LaneFailure | undefined;
}

const ENVELOPE_BYTES = Buffer.byteLength('{"Records":[]}');

export function createLane(settings: LaneSettings): Lane {
  const queue: { record: StreamRecord; queuedAt: number }[] = [];
  let segments: Segment[] = [];
  let giveUp: Discard | undefined;
  let bytes = 0;
  let splits = 0;

  function next(now: number): LaneAction {
    if (segments.length === 0) {
      const start = batchDueAt(now);
      if (start === undefined || start > now) return { kind: 'wait', until: start };
      segments = [newSegment(takeBatch(), now)];
    }
    const [head] = segments;
    if (!head) return { kind: 'wait', until: undefined };
    giveUp = expired(head, now) ?? exhausted(head);
    if (giveUp) return { kind: 'discard', discard: giveUp };
    if (head.notBefore > now) return { kind: 'wait', until: head.notBefore };
    return { kind: 'invoke', records: head.records };
  }

  /** When the next batch may start; undefined while there is nothing to send. */
  function batchDueAt(now: number): number | undefined {
    const [first] = queue;
    if (!first) return undefined;
    const full = queue.length >= settings.batchSize || batchLength() < queue.length;
    return full ? now : first.queuedAt + settings.batchWindowMs;
  }

  /** How many queued records fit into one invocation; at least one, however large it is. */
  function batchLength(): number {
    let size = ENVELOPE_BYTES;
    let count = 0;
    for (const { record } of queue) {
      size += record.bytes + (count === 0 ? 0 : 1);
      if (count === settings.batchSize) break;
      if (count > 0 && size > settings.maximumPayloadBytes) break;
      count += 1;
    }
    return count;
  }

  function takeBatch(): StreamRecord[] {
    return queue.splice(0, batchLength()).map((entry) => entry.record);
  }

  /** The oldest records of the segment if they are too old to be sent (again). */
  function expired(head: Segment, now: number): Discard | undefined {
    if (settings.maximumRecordAgeMs < 0) return undefined;
    const young = head.records.findIndex(
      (record) => now - record.arrivedAt <= settings.maximumRecordAgeMs,
    );
    const records = young < 0 ? head.records : head.records.slice(0, young);
    return records.length === 0 ? undefined : toDiscard('RecordAgeExceeded', head, records);
  }

  function exhausted(head: Segment): Discard | undefined {
    const limit = settings.maximumRetryAttempts;
    if (limit < 0 || head.failures <= limit) return undefined;
    return toDiscard('RetryAttemptsExhausted', head, head.records);
  }

  function answered(result: InvokeResult, now: number): readonly StreamRecord[] {
    const head = segments[0];
    if (!head) throw new Error('A lane was answered without a batch in flight.');
    if (result.kind === 'throttled' || result.kind === 'unavailable') {
      const setbacks = head.setbacks + 1;
      replaceHead([{ ...head, setbacks, notBefore: now + backoff(setbacks) }]);
      return [];
    }
    const firstFailed = result.kind === 'function-error' ? 0 : firstFailedIndex(result, head);
    const functionError = result.kind === 'function-error';
    const done = head.records.slice(0, firstFailed);
    const rest = head.records.slice(firstFailed);
    const lastFailure = { requestId: result.requestId, functionError };
    const invokeCount = head.invokeCount + 1;
    const tried = { ...head, records: rest, invokeCount, setbacks: 0, lastFailure };
    replaceHead(rest.length === 0 ? [] : afterFailure(tried, done.length > 0, now));
    release(done);
    return done;
  }

  /** The lowest failed record; everything before it is done. The batch's length if none failed. */
  function firstFailedIndex(result: { payload: unknown }, head: Segment): number {
    if (!settings.reportBatchItemFailures) return head.records.length;
    const identifiers = head.records.map((record) => record.sequenceNumber);
    const response = readBatchResponse(result.payload, identifiers);
    if (response.kind === 'success') return head.records.length;
    if (response.kind === 'whole-batch-failed') return 0;
    return identifiers.findIndex((identifier) => response.failed.has(identifier));
  }

  /** What is left of a failed batch: split (which costs no retry), or to be tried again as it is. */
  function afterFailure(tried: Segment, progressed: boolean, now: number): Segment[] {
    const { records } = tried;
    if (settings.bisectBatchOnFunctionError && records.length > 1) {
      // With a partial response the batch is split where it failed, and only the rest is left.
      if (progressed) return [{ ...tried, notBefore: now }];
      splits += 1;
      const middle = Math.ceil(records.length / 2);
      return [records.slice(0, middle), records.slice(middle)].map((half) => ({
        ...tried,
        records: half,
        notBefore: now,
      }));
    }
    const failures = tried.failures + 1;
    return [{ ...tried, failures, notBefore: now + backoff(failures) }];
  }

  function discarded(): readonly StreamRecord[] {
    const head = segments[0];
    if (!head || !giveUp) throw new Error('A lane gave up nothing.');
    const done = giveUp.records;
    giveUp = undefined;
    const rest = head.records.slice(done.length);
    replaceHead(rest.length === 0 ? [] : [{ ...head, records: rest }]);
    release(done);
    return done;
  }

  function replaceHead(replacement: Segment[]): void {
    segments = [...replacement, ...segments.slice(1)];
  }

  function release(done: readonly StreamRecord[]): void {
    for (const record of done) bytes -= record.bytes;
  }

  function backoff(times: number): number {
    const { first, last } = settings.backoffMs;
    return Math.min(first * 2 ** (times - 1), last);
  }

  return {
    offer(records, now) {
      for (const record of records) {
        queue.push({ record, queuedAt: now });
        bytes += record.bytes;
      }
    },
    next,
    answered,
    discarded,
    resume(now) {
      const head = segments[0];
      if (head && head.setbacks > 0) replaceHead([{ ...head, notBefore: now }]);
    },
    get load() {
      const segmented = segments.reduce((sum, segment) => sum + segment.records.length, 0);
      const failures = segments[0]?.failures ?? 0;
      return { records: queue.length + segmented, bytes, failures };
    },
    get splits() {
      return splits;
    },
  };
}

function newSegment(records: readonly StreamRecord[], now: number): Segment {
  const lastFailure = undefined;
  return { records, failures: 0, invokeCount: 0, setbacks: 0, notBefore: now, lastFailure };
}

function toDiscard(
  condition: DiscardCondition,
  head: Segment,
  records: readonly StreamRecord[],
): Discard {
  const { invokeCount, lastFailure } = head;
  return { condition, records, invokeCount, lastFailure };
}
