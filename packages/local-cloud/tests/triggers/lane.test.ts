import { describe, expect, it } from 'vitest';
import type { InvokeResult } from '../../src/ports.ts';
import { createLane, type Lane, type LaneSettings } from '../../src/triggers/streams/lane.ts';
import { makeRecords, sequences } from './records.ts';

const SETTINGS: LaneSettings = {
  batchSize: 4,
  batchWindowMs: 0,
  maximumRetryAttempts: 2,
  maximumRecordAgeMs: -1,
  bisectBatchOnFunctionError: false,
  reportBatchItemFailures: false,
  retentionMs: Number.POSITIVE_INFINITY,
  maximumPayloadBytes: 6 * 1024 * 1024,
  envelopeBytes: '{"Records":[]}'.length,
  tumblingWindowMs: 0,
  backoffMs: { first: 100, last: 1000 },
};

const success = (payload: unknown = null): InvokeResult => ({
  kind: 'success',
  payload,
  requestId: 'ok',
});
const failure: InvokeResult = {
  kind: 'function-error',
  payload: { errorMessage: 'poison' },
  requestId: 'failed',
  timedOut: false,
};
const failed = (...identifiers: unknown[]) =>
  success({ batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) });

function laneWith(count: number, settings: Partial<LaneSettings> = {}): Lane {
  const lane = createLane({ ...SETTINGS, ...settings });
  lane.offer(makeRecords(count), 0);
  return lane;
}

/** The sequence numbers that the lane wants to send now, or what else it wants. */
function wants(lane: Lane, now: number): unknown {
  const action = lane.next(now);
  if (action.kind === 'invoke') return sequences(action.records);
  if (action.kind === 'wait') return `wait until ${action.until}`;
  return `${action.discard.condition} ${sequences(action.discard.records)}`;
}

describe('forming batches', () => {
  it('sends what there is at once without a batching window', () => {
    expect(wants(laneWith(3), 0)).toEqual([1, 2, 3]);
  });

  it('cuts at the batch size', () => {
    const lane = laneWith(6);
    expect(wants(lane, 0)).toEqual([1, 2, 3, 4]);
    lane.answered(success(), 1);
    expect(wants(lane, 1)).toEqual([5, 6]);
  });

  it('waits for the batching window, counted from the first record', () => {
    const lane = laneWith(2, { batchWindowMs: 5000 });
    lane.offer(makeRecords(3).slice(2), 3000);
    expect(wants(lane, 3000)).toBe('wait until 5000');
    expect(wants(lane, 5000)).toEqual([1, 2, 3]);
  });

  it('does not wait for the window once the batch is full', () => {
    expect(wants(laneWith(4, { batchWindowMs: 5000 }), 0)).toEqual([1, 2, 3, 4]);
  });

  it('cuts at the payload limit, and does not wait for the window then', () => {
    const lane = createLane({ ...SETTINGS, batchWindowMs: 5000, maximumPayloadBytes: 1000 });
    const records = makeRecords(3, { bytes: 400 });
    lane.offer(records, 0);
    expect(wants(lane, 0)).toEqual([1, 2]);
    const size = `{"Records":[${records[0]?.json},${records[1]?.json}]}`.length;
    expect(size).toBeLessThanOrEqual(1000);
  });

  it('fills the payload to the byte', () => {
    const records = makeRecords(2, { bytes: 100 });
    const exact = `{"Records":[${records[0]?.json},${records[1]?.json}]}`.length;
    const fits = createLane({ ...SETTINGS, maximumPayloadBytes: exact });
    fits.offer(records, 0);
    expect(wants(fits, 0)).toEqual([1, 2]);
    const short = createLane({ ...SETTINGS, maximumPayloadBytes: exact - 1 });
    short.offer(records, 0);
    expect(wants(short, 0)).toEqual([1]);
  });
});

describe('a failed batch', () => {
  it('blocks what comes after it until its retries are used up, with growing pauses', () => {
    const lane = laneWith(6);
    lane.next(0);
    expect(lane.answered(failure, 0).done).toEqual([]);
    expect(wants(lane, 0)).toBe('wait until 100');
    expect(wants(lane, 100)).toEqual([1, 2, 3, 4]);
    lane.answered(failure, 100);
    expect(wants(lane, 100)).toBe('wait until 300');
    expect(wants(lane, 300)).toEqual([1, 2, 3, 4]);
    lane.answered(failure, 300);
    expect(wants(lane, 300)).toBe('RetryAttemptsExhausted 1,2,3,4');
    expect(sequences(lane.discarded())).toEqual([1, 2, 3, 4]);
    expect(wants(lane, 300)).toEqual([5, 6]);
  });

  it('is retried without end when maximumRetryAttempts is −1', () => {
    const lane = laneWith(1, { maximumRetryAttempts: -1 });
    let now = 0;
    for (let tries = 0; tries < 500; tries += 1) {
      const action = lane.next(now);
      if (action.kind === 'wait') now = action.until ?? now;
      else expect(action.kind).toBe('invoke');
      if (action.kind === 'invoke') lane.answered(failure, now);
    }
    expect(wants(lane, now + 1000)).toEqual([1]);
  });

  it('is not retried when maximumRetryAttempts is 0', () => {
    const lane = laneWith(2, { maximumRetryAttempts: 0 });
    lane.next(0);
    lane.answered(failure, 0);
    expect(wants(lane, 0)).toBe('RetryAttemptsExhausted 1,2');
  });

  it('keeps its retries through throttles and absences of the function', () => {
    const lane = laneWith(1, { maximumRetryAttempts: 0 });
    lane.next(0);
    lane.answered({ kind: 'throttled' }, 0);
    expect(wants(lane, 100)).toEqual([1]);
    lane.answered({ kind: 'unavailable' }, 100);
    expect(wants(lane, 100)).toBe('wait until 300');
    lane.resume(150);
    expect(wants(lane, 150)).toEqual([1]);
    expect(sequences(lane.answered(success(), 150).done)).toEqual([1]);
  });

  it('is given up when it grows older than maximumRecordAge, only as far as it is too old', () => {
    const lane = createLane({ ...SETTINGS, maximumRecordAgeMs: 1000, maximumRetryAttempts: -1 });
    const [first, second] = makeRecords(2);
    lane.offer(first ? [first] : [], 0);
    lane.offer(second ? [{ ...second, arrivedAt: 900 }] : [], 0);
    lane.next(0);
    lane.answered(failure, 900);
    expect(wants(lane, 1001)).toBe('RecordAgeExceeded 1');
    lane.discarded();
    expect(wants(lane, 1001)).toEqual([2]);
  });

  it('says in the discard how often and how it failed', () => {
    const lane = laneWith(1, { maximumRetryAttempts: 1, reportBatchItemFailures: true });
    lane.next(0);
    lane.answered(failure, 0);
    lane.next(100);
    lane.answered(failed('1'), 100);
    expect(lane.next(100)).toMatchObject({
      discard: { invokeCount: 2, lastFailure: { requestId: 'ok', functionError: false } },
    });
  });
});

describe('bisectBatchOnFunctionError', () => {
  it('splits down to the poison record, in order, without using up retries', () => {
    const lane = laneWith(4, { bisectBatchOnFunctionError: true, maximumRetryAttempts: 1 });
    const tried: unknown[] = [];
    const done: number[] = [];
    for (let now = 0; lane.load.records > 0; ) {
      const action = lane.next(now);
      if (action.kind === 'wait') now = action.until ?? now;
      else if (action.kind === 'discard') {
        tried.push('discarded');
        done.push(...sequences(lane.discarded()));
      } else {
        const batch = sequences(action.records);
        tried.push(batch);
        done.push(...sequences(lane.answered(batch.includes(3) ? failure : success(), now).done));
      }
    }
    expect(tried).toEqual([[1, 2, 3, 4], [1, 2], [3, 4], [3], [3], 'discarded', [4]]);
    expect(done).toEqual([1, 2, 3, 4]);
  });

  it('splits at the returned sequence number when partial responses are on', () => {
    const settings = { bisectBatchOnFunctionError: true, reportBatchItemFailures: true };
    const lane = laneWith(4, settings);
    lane.next(0);
    expect(sequences(lane.answered(failed('3'), 0).done)).toEqual([1, 2]);
    expect(wants(lane, 0)).toEqual([3, 4]);
    lane.answered(failed('3'), 0);
    expect(wants(lane, 0)).toEqual([3]);
  });
});

describe('ReportBatchItemFailures', () => {
  const on = { reportBatchItemFailures: true };

  it('retries from the lowest failed sequence number', () => {
    const lane = laneWith(4, on);
    lane.next(0);
    expect(sequences(lane.answered(failed('4', '2', '3'), 0).done)).toEqual([1]);
    expect(wants(lane, 100)).toEqual([2, 3, 4]);
  });

  it.each([
    ['null', null],
    ['an empty object', {}],
    ['a null list', { batchItemFailures: null }],
    ['an empty list', { batchItemFailures: [] }],
  ])('takes %s for the success of the whole batch', (_, payload) => {
    const lane = laneWith(4, on);
    lane.next(0);
    expect(lane.answered(success(payload), 0).done).toHaveLength(4);
  });

  it.each([
    ['an empty identifier', [{ itemIdentifier: '' }]],
    ['a null identifier', [{ itemIdentifier: null }]],
    ['another key', [{ sequenceNumber: '3' }]],
    ['an identifier that is not in the batch', [{ itemIdentifier: '99' }]],
    ['a malformed entry beside a good one', [{ itemIdentifier: '3' }, { itemIdentifier: '' }]],
    ['entries that are no objects', ['3']],
    ['a list that is none', '3'],
  ])('takes %s for the failure of the whole batch', (_, batchItemFailures) => {
    const lane = laneWith(4, on);
    lane.next(0);
    expect(lane.answered(success({ batchItemFailures }), 0).done).toEqual([]);
    expect(wants(lane, 100)).toEqual([1, 2, 3, 4]);
  });

  it('fails the whole batch when the function throws', () => {
    const lane = laneWith(4, on);
    lane.next(0);
    expect(lane.answered(failure, 0).done).toEqual([]);
    expect(wants(lane, 100)).toEqual([1, 2, 3, 4]);
  });

  it('ignores the response where the mapping does not enable it', () => {
    const lane = laneWith(4);
    lane.next(0);
    expect(lane.answered(failed('2'), 0).done).toHaveLength(4);
  });
});
