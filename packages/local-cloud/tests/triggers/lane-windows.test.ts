import { describe, expect, it } from 'vitest';
import type { InvokeResult } from '../../src/ports.ts';
import { invocationPayload } from '../../src/triggers/streams/invocation-payload.ts';
import { createLane, type Lane, type LaneSettings } from '../../src/triggers/streams/lane.ts';
import { makeRecords, sequences } from './records.ts';
import { sample, shape } from './shape.ts';

// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html

const MINUTE = 60_000;
const SETTINGS: LaneSettings = {
  ...{ batchSize: 10, batchWindowMs: 0, maximumRetryAttempts: 1, maximumRecordAgeMs: -1 },
  retentionMs: Number.POSITIVE_INFINITY,
  ...{ bisectBatchOnFunctionError: false, reportBatchItemFailures: true },
  ...{ maximumPayloadBytes: 6_000_000, envelopeBytes: 250, tumblingWindowMs: MINUTE },
  backoffMs: { first: 100, last: 1000 },
};
const failure: InvokeResult = {
  ...{ kind: 'function-error', payload: null, requestId: 'failed', timedOut: false },
};
const returns = (payload: unknown): InvokeResult => ({ kind: 'success', payload, requestId: 'ok' });
const state = (value: unknown, ...failed: number[]) =>
  returns({
    state: value,
    batchItemFailures: failed.map((n) => ({ itemIdentifier: String(n) })),
  });

/** Records that arrived at these instants. */
const arrivals = (...instants: number[]) =>
  makeRecords(instants.length).map((record, index) => ({
    ...record,
    arrivedAt: instants[index] ?? 0,
  }));

function laneWith(instants: number[], change: Partial<LaneSettings> = {}): Lane {
  const lane = createLane({ ...SETTINGS, ...change });
  lane.offer(arrivals(...instants), 0);
  return lane;
}

/** The next invocation in short: records, start of the window, state, how it ends. */
function wants(lane: Lane, now: number): unknown {
  const action = lane.next(now);
  if (action.kind === 'wait') return `wait until ${action.until}`;
  if (action.kind === 'discard') {
    return `${action.discard.condition} ${sequences(action.discard.records)}`;
  }
  const { window } = action;
  const end = window?.isFinal ? 'final' : window?.isTerminatedEarly ? 'early' : 'open';
  return [sequences(action.records), window?.start, JSON.parse(window?.state ?? 'null'), end];
}

describe('tumbling windows', () => {
  it('never put records of two windows into one batch, and close one before the next', () => {
    const lane = laneWith([10, MINUTE - 1, MINUTE, 2 * MINUTE]);
    expect(wants(lane, 0)).toEqual([[1, 2], 0, {}, 'open']);
    lane.answered(state({ n: 2 }), 0);
    expect(wants(lane, 0)).toEqual([[], 0, { n: 2 }, 'final']);
    lane.answered(state({}), 0);
    expect(wants(lane, 0)).toEqual([[3], MINUTE, {}, 'open']);
    lane.answered(state({ n: 1 }), 0);
    expect(wants(lane, 0)).toEqual([[], MINUTE, { n: 1 }, 'final']);
  });

  it('hand the state from batch to batch', () => {
    const lane = laneWith([0, 0, 0], { batchSize: 1 });
    for (const [n, seen] of [
      [1, {}],
      [2, { n: 1 }],
      [3, { n: 2 }],
    ]) {
      expect(wants(lane, 0)).toEqual([[n], 0, seen, 'open']);
      lane.answered(state({ n }), 0);
    }
  });

  it('close at their end, once the shard has nothing more of them', () => {
    const lane = laneWith([0]);
    lane.next(0);
    lane.answered(state({ n: 1 }), 5);
    expect(wants(lane, 5)).toBe(`wait until ${MINUTE}`);
    lane.caughtUp(MINUTE - 1, MINUTE);
    expect(wants(lane, MINUTE)).toBe('wait until undefined');
    lane.caughtUp(MINUTE, MINUTE);
    expect(wants(lane, MINUTE)).toEqual([[], 0, { n: 1 }, 'final']);
    lane.answered(state({}), MINUTE);
    expect(wants(lane, MINUTE)).toBe('wait until undefined');
    expect(lane.isIdle).toBe(true);
  });

  it('do not wait for a batching window beyond their end', () => {
    const lane = laneWith([0], { batchWindowMs: 5 * MINUTE });
    expect(wants(lane, 0)).toBe(`wait until ${MINUTE}`);
    expect(wants(lane, MINUTE)).toEqual([[1], 0, {}, 'open']);
  });

  it('close when their shard ends', () => {
    const lane = laneWith([0]);
    lane.next(0);
    lane.answered(state({ n: 1 }), 0);
    lane.caughtUp('end', 0);
    expect(wants(lane, 0)).toEqual([[], 0, { n: 1 }, 'final']);
    expect(lane.isIdle).toBe(false);
    lane.answered(state({}), 0);
    expect(lane.isIdle).toBe(true);
  });

  it('take a response without state for a failed invocation', () => {
    const lane = laneWith([0, 0]);
    lane.next(0);
    expect(lane.answered(returns({}), 0)).toEqual({ done: [], failed: 2, split: false });
    expect(wants(lane, 100)).toEqual([[1, 2], 0, {}, 'open']);
    lane.answered(returns(null), 100);
    expect(wants(lane, 100)).toBe('RetryAttemptsExhausted 1,2');
  });

  it('retry a failed invocation with the state of before', () => {
    const lane = laneWith([0, 0], { batchSize: 1 });
    lane.next(0);
    lane.answered(state({ n: 1 }), 0);
    lane.next(0);
    lane.answered(failure, 0);
    expect(wants(lane, 100)).toEqual([[2], 0, { n: 1 }, 'open']);
  });

  it('move the state with the checkpoint of a partial success', () => {
    const lane = laneWith([0, 0, 0]);
    lane.next(0);
    expect(sequences(lane.answered(state({ n: 1 }, 2), 0).done)).toEqual([1]);
    expect(wants(lane, 100)).toEqual([[2, 3], 0, { n: 1 }, 'open']);
    lane.answered(state({ wrong: true }, 2), 100);
    expect(wants(lane, 100)).toBe('RetryAttemptsExhausted 2,3');
  });

  it('go on in the same window with the same state after records were discarded', () => {
    const lane = laneWith([0, 0], { batchSize: 1, maximumRetryAttempts: 0 });
    lane.next(0);
    lane.answered(state({ n: 1 }), 0);
    lane.next(0);
    lane.answered(failure, 0);
    expect(wants(lane, 0)).toBe('RetryAttemptsExhausted 2');
    lane.discarded();
    lane.caughtUp(MINUTE, MINUTE);
    expect(wants(lane, MINUTE)).toEqual([[], 0, { n: 1 }, 'final']);
  });

  it('repeat a failed final invocation until it succeeds, before anything later', () => {
    const lane = laneWith([0, MINUTE], { maximumRetryAttempts: 0 });
    lane.next(0);
    lane.answered(state({ n: 1 }), 0);
    let now = 0;
    for (let tries = 0; tries < 20; tries += 1) {
      expect(wants(lane, now)).toEqual([[], 0, { n: 1 }, 'final']);
      lane.answered(tries % 2 ? failure : returns({}), now);
      now += 1000;
    }
    lane.next(now);
    lane.answered(state({}), now);
    expect(wants(lane, now)).toEqual([[2], MINUTE, {}, 'open']);
  });

  it('forget a window that cannot be closed for as long as the stream keeps its records', () => {
    const lane = laneWith([0], { retentionMs: 10 * MINUTE });
    lane.next(0);
    lane.answered(state({ n: 1 }), 0);
    lane.caughtUp(MINUTE, MINUTE);
    lane.next(MINUTE);
    lane.answered(failure, 11 * MINUTE - 1);
    expect(wants(lane, 11 * MINUTE - 1)).toBe(`wait until ${11 * MINUTE}`);
    expect(wants(lane, 11 * MINUTE)).toBe('RecordAgeExceeded ');
    expect(lane.discarded()).toEqual([]);
    expect(lane.isIdle).toBe(true);
  });

  it('end early when the state is above 1 MB, and go on in the same window with a fresh one', () => {
    const lane = laneWith([0, 0], { batchSize: 1 });
    const full = { text: 'x'.repeat(1024 * 1024 - '{"text":""}'.length) };
    lane.next(0);
    lane.answered(state(full), 0);
    expect(wants(lane, 0)).toEqual([[2], 0, full, 'open']);
    const tooLarge = { text: `${full.text}x` };
    lane.answered(state(tooLarge), 0);
    expect(wants(lane, 0)).toEqual([[], 0, tooLarge, 'early']);
    lane.answered(state(tooLarge), 0);
    lane.offer(arrivals(0, 0, 5).slice(2), 0);
    expect(wants(lane, 0)).toEqual([[3], 0, {}, 'open']);
  });

  it('count the state into the 6 MB of an invocation', () => {
    const records = makeRecords(2, { bytes: 1000 });
    const size = records[0]?.bytes ?? 0;
    const lane = createLane({ ...SETTINGS, maximumPayloadBytes: 250 + 2 + 2 * size + 1 });
    lane.offer(records, 0);
    expect(wants(lane, 0)).toEqual([[1, 2], 0, {}, 'open']);
    lane.answered(state('more'), 0);
    lane.offer(records, 0);
    expect(wants(lane, 0)).toEqual([[1], 0, 'more', 'open']);
  });

  it('survive a restart with their state', () => {
    const lane = laneWith([0]);
    lane.next(0);
    lane.answered(state({ n: 1 }), 0);
    const memory = JSON.parse(JSON.stringify(lane.memory)) as never;
    const again = createLane(SETTINGS, memory);
    again.caughtUp(MINUTE, MINUTE);
    expect(wants(again, MINUTE)).toEqual([[], 0, { n: 1 }, 'final']);
    // Without windows nobody asks for it any more; another length closes it at its own end.
    expect(createLane({ ...SETTINGS, tumblingWindowMs: 0 }, memory).isIdle).toBe(true);
    const longer = createLane({ ...SETTINGS, tumblingWindowMs: 5 * MINUTE }, memory);
    expect(wants(longer, 0)).toBe(`wait until ${MINUTE}`);
  });

  it('are told as AWS writes them', () => {
    const place = { shardId: 'shardId-000000000006', streamArn: 'arn:aws:kinesis:x:0:stream/s' };
    const start = Date.UTC(2020, 11, 9, 7, 4);
    const window = { start, end: start + 2 * MINUTE, state: '{"1":282,"2":715}' };
    const flags = { isFinal: false, isTerminatedEarly: false };
    const event = JSON.parse(invocationPayload([], place, { ...window, ...flags })) as object;
    const expected = sample<{ Records: unknown[] }>('kinesis-window');
    expect(shape(event)).toEqual(shape({ ...expected, Records: [] }));
    expect(event).toMatchObject({
      window: { start: '2020-12-09T07:04:00Z', end: '2020-12-09T07:06:00Z' },
      state: { 1: 282, 2: 715 },
    });
  });
});
