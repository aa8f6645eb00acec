import type { InvokeResult } from '../../ports.ts';
import { readBatchResponse } from '../batch-response.ts';
import { createBatchQueue } from './batch-queue.ts';
import { createRecall, fitMemory, type LaneMemory, rememberSegment } from './lane-memory.ts';
import {
  afterFailure,
  backoff,
  closingSegment,
  type Discard,
  expiresAt,
  newSegment,
  overdue,
  type Segment,
  setBack,
  toDiscard,
} from './segment.ts';
import { compareSequence } from './sequence-number.ts';
import type { StreamRecord } from './shard-source.ts';
import {
  belongsTo,
  isTooLarge,
  type OpenWindow,
  openWindow,
  returnedState,
  type WindowView,
  withFreshState,
} from './tumbling-window.ts';

export interface LaneSettings {
  readonly batchSize: number;
  readonly batchWindowMs: number;
  /** −1 = without end. */
  readonly maximumRetryAttempts: number;
  /** −1 = without end. */
  readonly maximumRecordAgeMs: number;
  /** How long the stream keeps a record: the end of every retry. */
  readonly retentionMs: number;
  readonly bisectBatchOnFunctionError: boolean;
  readonly reportBatchItemFailures: boolean;
  readonly maximumPayloadBytes: number;
  /** Bytes of an event around its records and its state. */
  readonly envelopeBytes: number;
  /** 0 = no windows. */
  readonly tumblingWindowMs: number;
  /** Wait after a failure, throttle or absence: doubles from `first` to `last`. */
  readonly backoffMs: { readonly first: number; readonly last: number };
}

export interface LaneFailure {
  readonly requestId: string;
  /** false: the function succeeded and reported failed records. */
  readonly functionError: boolean;
}

export type LaneAction =
  | {
      readonly kind: 'invoke';
      readonly records: readonly StreamRecord[];
      readonly window: WindowView | undefined;
    }
  | { readonly kind: 'discard'; readonly discard: Discard; readonly window: WindowView | undefined }
  /** Nothing to do before `until` (without it: before the shard says more). */
  | { readonly kind: 'wait'; readonly until: number | undefined };

/** What an answer came to. */
export interface LaneOutcome {
  /** Records that succeeded: they may be checkpointed. */
  readonly done: readonly StreamRecord[];
  /** How many records of the batch failed. */
  readonly failed: number;
  /** The failed batch was split in two. */
  readonly split: boolean;
}

/**
 * The order-keeping heart of an event source mapping: one batch in flight, retried, split or given
 * up before the next one starts. No input or output and no clock of its own, so that every rule can
 * be tested in virtual time. A shard has one lane, or `parallelizationFactor` of them.
 *
 * The caller performs what `next` says and answers with `answered` or `discarded`.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
export interface Lane {
  /** Records of the shard in order, without what is done already. */
  offer(records: readonly StreamRecord[], now: number): void;
  /** All records of the shard up to here were read, the last one being offered or not. */
  readTo(sequenceNumber: string, now: number): void;
  /** There was nothing more in the shard at this instant; `'end'`: there never will be. */
  caughtUp(at: number | 'end', now: number): void;
  /** The record was done in an earlier life of the lane. */
  isDone(record: StreamRecord): boolean;
  next(now: number): LaneAction;
  answered(result: InvokeResult, now: number): LaneOutcome;
  /** What was to be discarded is: the records that are done by that. */
  discarded(): readonly StreamRecord[];
  /** The function is reachable again: a lane that waits for that goes on at once. */
  resume(now: number): void;
  /** All that was offered is done, and no window is open. */
  readonly isIdle: boolean;
  readonly load: { readonly records: number; readonly bytes: number; readonly failures: number };
  readonly window: OpenWindow | undefined;
  /** What has to survive a restart; undefined while the checkpoint says it all. */
  readonly memory: LaneMemory | undefined;
}

export function createLane(settings: LaneSettings, remembered?: LaneMemory): Lane {
  const memory = remembered && fitMemory(remembered, settings);
  const queue = createBatchQueue(settings);
  const recall = createRecall(memory?.segments ?? []);
  let window = memory?.window;
  let lastDone = memory?.done;
  let segments: Segment[] = [];
  let giveUp: Discard | undefined;
  let caughtUpAt = Number.NEGATIVE_INFINITY;
  let bytes = 0;

  function next(now: number): LaneAction {
    if (window && isTooLarge(window) && !segments[0]?.closes) {
      segments = [closingSegment('early', now), ...segments];
    }
    if (segments.length === 0) {
      const start = nextDueAt(now);
      if (start === undefined || start > now) return { kind: 'wait', until: start };
      segments = [nextSegment(now)];
    }
    const [head] = segments;
    if (!head) return { kind: 'wait', until: undefined };
    giveUp = overdue(head, settings, now) ?? forgottenWindow(head, now);
    if (giveUp) return { kind: 'discard', discard: giveUp, window: view(head) };
    if (head.notBefore > now)
      return { kind: 'wait', until: Math.min(head.notBefore, givenUpAt(head)) };
    return { kind: 'invoke', records: head.records, window: view(head) };
  }

  /** When there is something new to invoke for; undefined while only the shard can say. */
  function nextDueAt(now: number): number | undefined {
    if (recall.missing.length > 0) return undefined;
    if (window && isOver(window)) return now;
    const due = queue.dueAt(now, window ?? windowOfFirst());
    if (due !== undefined && caughtUpAt === Number.POSITIVE_INFINITY) return now;
    if (due !== undefined || !window) return due;
    // It closes when the shard has nothing more of it; before its end that is not worth asking.
    return window.end > now ? window.end : undefined;
  }

  /** Nothing can come any more that belongs to the window. */
  function isOver(open: OpenWindow): boolean {
    const { first } = queue;
    return first ? !belongsTo(open, first) : caughtUpAt >= open.end;
  }

  function nextSegment(now: number): Segment {
    if (window && isOver(window)) return closingSegment('at-its-end', now);
    window ??= windowOfFirst();
    return newSegment(queue.take(window), now);
  }

  function windowOfFirst(): OpenWindow | undefined {
    const { first } = queue;
    if (!first || settings.tumblingWindowMs === 0) return undefined;
    return openWindow(first.arrivedAt, settings.tumblingWindowMs);
  }

  function view(head: Segment): WindowView | undefined {
    if (!window) return undefined;
    const isFinal = head.closes === 'at-its-end';
    return { ...window, isFinal, isTerminatedEarly: head.closes === 'early' };
  }

  /** A window that could not be closed for as long as the stream keeps its records. */
  function forgottenWindow(head: Segment, now: number): Discard | undefined {
    if (!head.closes || !window || !head.tried) return undefined;
    if (now < window.end + settings.retentionMs) return undefined;
    return toDiscard('RecordAgeExceeded', head, []);
  }

  function givenUpAt(head: Segment): number {
    if (!head.closes || !window || !head.tried) return expiresAt(head, settings);
    return window.end + settings.retentionMs;
  }

  function answered(result: InvokeResult, now: number): LaneOutcome {
    const head = segments[0];
    if (!head) throw new Error('A lane was answered without a batch in flight.');
    if (result.kind === 'throttled' || result.kind === 'unavailable') {
      replaceHead([setBack(head, settings, result.kind, now)]);
      return NOTHING;
    }
    const functionError = result.kind === 'function-error';
    const state = window && !functionError ? returnedState(result.payload) : undefined;
    // A response without the state of the window is a failed invocation.
    const failed = functionError || (window !== undefined && state === undefined);
    const lastFailure = { requestId: result.requestId, functionError };
    const invokeCount = head.invokeCount + 1;
    const tried = { ...head, invokeCount, setbacks: 0, tried: true, lastFailure };
    if (head.closes) return closed(tried, failed, now);

    const firstFailed = failed ? 0 : firstFailedIndex(result, head);
    const done = head.records.slice(0, firstFailed);
    const rest = head.records.slice(firstFailed);
    const left =
      rest.length === 0
        ? []
        : afterFailure({ ...tried, records: rest }, settings, done.length > 0, now);
    replaceHead(left);
    // The state moves with the checkpoint: what is tried again is tried with the state of before.
    if (window && state !== undefined && done.length > 0) window = { ...window, state };
    settle(done);
    return { done, failed: rest.length, split: left.length > 1 };
  }

  function closed(tried: Segment, failed: boolean, now: number): LaneOutcome {
    const failures = tried.failures + 1;
    const notBefore = now + backoff(settings, failures);
    if (failed) replaceHead([{ ...tried, failures, notBefore }]);
    else endWindow(tried);
    return NOTHING;
  }

  function endWindow({ closes }: Segment): void {
    window = window && closes === 'early' ? withFreshState(window) : undefined;
    replaceHead([]);
  }

  /** The lowest failed record; everything before it is done. The batch's length if none failed. */
  function firstFailedIndex(result: { payload?: unknown }, head: Segment): number {
    if (!settings.reportBatchItemFailures) return head.records.length;
    const identifiers = head.records.map((record) => record.sequenceNumber);
    const response = readBatchResponse(result.payload, identifiers);
    if (response.kind === 'success') return head.records.length;
    if (response.kind === 'whole-batch-failed') return 0;
    return identifiers.findIndex((identifier) => response.failed.has(identifier));
  }

  function discarded(): readonly StreamRecord[] {
    const head = segments[0];
    if (!head || !giveUp) throw new Error('A lane gave up nothing.');
    const done = giveUp.records;
    giveUp = undefined;
    const rest = head.records.slice(done.length);
    if (head.closes) endWindow(head);
    else replaceHead(rest.length === 0 ? [] : [{ ...head, records: rest }]);
    settle(done);
    return done;
  }

  function replaceHead(replacement: Segment[]): void {
    segments = [...replacement, ...segments.slice(1)];
  }

  function settle(done: readonly StreamRecord[]): void {
    for (const record of done) bytes -= record.bytes;
    lastDone = done.at(-1)?.sequenceNumber ?? lastDone;
  }

  return {
    offer(records, now) {
      for (const record of records) {
        bytes += record.bytes;
        const place = recall.take(record);
        if (place === 'unknown') for (const one of recall.abandon()) queue.push(one, now);
        if (place !== 'taken') queue.push(record, now);
      }
    },
    readTo(sequenceNumber, now) {
      segments.push(...recall.completeTo(sequenceNumber, now));
    },
    caughtUp(at, now) {
      // What is still missing of a remembered batch, the retention took.
      segments.push(...recall.completeTo('end', now));
      caughtUpAt = at === 'end' ? Number.POSITIVE_INFINITY : at;
    },
    isDone: ({ sequenceNumber }) =>
      memory?.done !== undefined && compareSequence(sequenceNumber, memory.done) <= 0,
    next,
    answered,
    discarded,
    resume(now) {
      const head = segments[0];
      if (head && head.setbacks > 0) replaceHead([{ ...head, notBefore: now }]);
    },
    get isIdle() {
      const waiting = queue.length + segments.length + recall.missing.length;
      return waiting === 0 && window === undefined;
    },
    get load() {
      const segmented = segments.reduce((sum, segment) => sum + segment.records.length, 0);
      const failures = segments[0]?.failures ?? 0;
      return { records: queue.length + segmented + recall.records, bytes, failures };
    },
    get window() {
      return window;
    },
    get memory() {
      const kept = [...segments.flatMap(rememberSegment), ...recall.missing];
      if (kept.length === 0 && !window && lastDone === undefined) return undefined;
      return {
        ...(lastDone !== undefined && { done: lastDone }),
        segments: kept,
        tumblingWindowMs: settings.tumblingWindowMs,
        ...(window && { window }),
      };
    },
  };
}

const NOTHING: LaneOutcome = { done: [], failed: 0, split: false };
