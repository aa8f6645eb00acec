import { describe, expect, it } from 'vitest';
import type { InvokeResult } from '../../src/ports.ts';
import { createLane, type Lane, type LaneSettings } from '../../src/triggers/streams/lane.ts';
import type { StreamRecord } from '../../src/triggers/streams/shard-source.ts';
import { makeRecords, sequences } from './records.ts';

const SETTINGS: LaneSettings = {
  ...{ batchSize: 4, batchWindowMs: 0, maximumRetryAttempts: 2, maximumRecordAgeMs: -1 },
  retentionMs: Number.POSITIVE_INFINITY,
  ...{ bisectBatchOnFunctionError: false, reportBatchItemFailures: false },
  ...{ maximumPayloadBytes: 6_000_000, envelopeBytes: 14, tumblingWindowMs: 0 },
  backoffMs: { first: 100, last: 1000 },
};
const failure: InvokeResult = {
  ...{ kind: 'function-error', payload: null, requestId: 'failed', timedOut: false },
};
const success: InvokeResult = { kind: 'success', payload: null, requestId: 'ok' };

/** A lane that begins with what the one before it stored, and reads its shard again. */
function restart(
  before: Lane,
  records: readonly StreamRecord[],
  change: Partial<LaneSettings> = {},
): Lane {
  const memory = before.memory && (JSON.parse(JSON.stringify(before.memory)) as never);
  const lane = createLane({ ...SETTINGS, ...change }, memory);
  offer(lane, records);
  return lane;
}

function offer(lane: Lane, records: readonly StreamRecord[]): void {
  lane.offer(
    records.filter((record) => !lane.isDone(record)),
    0,
  );
  lane.readTo(records.at(-1)?.sequenceNumber ?? '', 0);
}

function wants(lane: Lane, now: number): unknown {
  const action = lane.next(now);
  if (action.kind === 'invoke') return sequences(action.records);
  if (action.kind === 'wait') return `wait until ${action.until}`;
  return `${action.discard.condition} ${sequences(action.discard.records)} after ${action.discard.invokeCount}`;
}

describe('a lane that is started again', () => {
  it('gives a poison batch up, however often it is restarted in between', () => {
    const records = makeRecords(3);
    let lane = createLane(SETTINGS);
    offer(lane, records);
    for (let life = 1; life <= 3; life += 1) {
      expect(wants(lane, 0)).toEqual([1, 2, 3]);
      lane.answered(failure, 0);
      lane = restart(lane, records);
    }
    expect(wants(lane, 0)).toBe('RetryAttemptsExhausted 1,2,3 after 3');
    expect(lane.next(0)).toMatchObject({
      discard: { lastFailure: { requestId: 'failed', functionError: true } },
    });
  });

  it('keeps its batch as it was, though more records came meanwhile', () => {
    const lane = createLane(SETTINGS);
    offer(lane, makeRecords(2));
    lane.next(0);
    lane.answered(failure, 0);
    const again = restart(lane, makeRecords(5));
    expect(wants(again, 0)).toEqual([1, 2]);
    again.answered(success, 0);
    expect(wants(again, 0)).toEqual([3, 4, 5]);
  });

  it('goes on where a split left off, each part with its own tries', () => {
    const bisecting = { bisectBatchOnFunctionError: true, maximumRetryAttempts: 1 };
    const lane = createLane({ ...SETTINGS, ...bisecting });
    const records = makeRecords(4);
    offer(lane, records);
    for (const batch of [[1, 2, 3, 4], [1, 2], [1]]) {
      expect(wants(lane, 0)).toEqual(batch);
      lane.answered(failure, 0);
    }
    const again = restart(lane, records, bisecting);
    expect(wants(again, 0)).toEqual([1]);
    again.answered(failure, 0);
    expect(wants(again, 0)).toBe('RetryAttemptsExhausted 1 after 4');
    again.discarded();
    for (const batch of [[2], [3, 4]]) {
      expect(wants(again, 0)).toEqual(batch);
      again.answered(success, 0);
    }
    expect(again.isIdle).toBe(true);
  });

  it('waits until all records of its batch are read again', () => {
    const lane = createLane(SETTINGS);
    const records = makeRecords(4);
    offer(lane, records);
    lane.next(0);
    lane.answered(failure, 0);
    const again = restart(lane, records.slice(0, 2));
    expect(wants(again, 0)).toBe('wait until undefined');
    offer(again, records.slice(2));
    expect(wants(again, 0)).toEqual([1, 2, 3, 4]);
  });

  it('goes on with what is there when the end of its batch is not (a new filter, the retention)', () => {
    const lane = createLane(SETTINGS);
    const records = makeRecords(6);
    offer(lane, records.slice(0, 4));
    lane.next(0);
    lane.answered(failure, 0);
    const again = restart(lane, records.slice(0, 1));
    again.readTo('6', 0);
    expect(wants(again, 0)).toEqual([1]);
  });

  it('tries afresh what a new batch size would not have let come about', () => {
    const lane = createLane(SETTINGS);
    const records = makeRecords(4);
    offer(lane, records);
    lane.next(0);
    lane.answered(failure, 0);
    const again = restart(lane, records, { batchSize: 3, maximumRetryAttempts: 0 });
    expect(wants(again, 0)).toEqual([1, 2, 3]);
  });

  it('tries afresh where a record is that was filtered before', () => {
    const lane = createLane(SETTINGS);
    const records = makeRecords(4);
    offer(lane, records.slice(2));
    lane.next(0);
    lane.answered(failure, 0);
    const again = restart(lane, records);
    expect(wants(again, 0)).toEqual([1, 2, 3, 4]);
  });

  it('tries afresh where a filter now lets more in between, rather than in a batch that grows', () => {
    const lane = createLane(SETTINGS);
    const records = makeRecords(9);
    const wanted = records.filter(({ sequenceNumber }) => ['1', '9'].includes(sequenceNumber));
    offer(lane, wanted);
    lane.next(0);
    lane.answered(failure, 0);
    const again = restart(lane, records.slice(0, 6));
    // It would wait for the ninth record, which is not read while there is no room for it.
    expect(wants(again, 0)).toEqual([1, 2, 3, 4]);
    again.answered(success, 0);
    offer(again, records.slice(6));
    expect(wants(again, 0)).toEqual([5, 6, 7, 8]);
  });

  it('closes its window when the retention took the batch, and nothing came after it', () => {
    const windows = { tumblingWindowMs: 1000 };
    const lane = createLane({ ...SETTINGS, ...windows });
    offer(lane, makeRecords(2));
    lane.next(0);
    lane.answered(failure, 0);
    const again = restart(lane, [], windows);
    again.caughtUp(5000, 5000);
    expect(again.next(5000)).toMatchObject({ kind: 'invoke', records: [] });
  });

  it('does not deliver again what it had done behind a gap of another lane', () => {
    const lane = createLane(SETTINGS);
    const records = makeRecords(4);
    offer(lane, records.slice(0, 2));
    lane.next(0);
    lane.answered(success, 0);
    expect(wants(restart(lane, records), 0)).toEqual([3, 4]);
  });
});
