import { describe, expect, test } from 'vitest';
import type { Pacing } from '../../src/domain/counting/commit-chunk.ts';
import { countRecords } from '../../src/domain/counting/count-records.ts';
import type { CountStore } from '../../src/domain/counting/count-store.ts';
import { unpaced } from '../model/deliver.ts';
import { clickEvent, largeReading, telemetryEvent } from '../model/events.ts';
import { faultyCountStore } from '../model/faulty-count-store.ts';
import { memoryCountStore } from '../model/memory-count-store.ts';
import { referenceTotals } from '../model/reference.ts';

const records = (...values: ReturnType<typeof clickEvent>[]) =>
  values.map((value, at) => ({ sequenceNumber: `4950${at}`, value }));

const counting = (store: CountStore, pacing: Pacing = unpaced) => {
  const aside: string[] = [];
  return {
    aside,
    store,
    pacing,
    putAside: async ({ value }: { value: ReturnType<typeof clickEvent> }) => {
      aside.push(value.event.id);
    },
  };
};

/** Never takes what touches the metric `bad`, whatever else is in the transaction. */
function refusingBad(store: CountStore): CountStore {
  return {
    commit: async (claims, increments) =>
      increments.some(({ dimensions }) => dimensions.metric === 'bad')
        ? { kind: 'refused', cause: new Error('no such number') }
        : store.commit(claims, increments),
  };
}

test('an event that comes twice in a batch and again in another is counted once', async () => {
  const store = memoryCountStore();
  const one = clickEvent('1');
  expect(await countRecords(records(one, one, clickEvent('2')), counting(store))).toEqual({
    counted: 2,
    duplicates: 1,
  });
  expect(await countRecords(records(one, clickEvent('3')), counting(store))).toEqual({
    counted: 1,
    duplicates: 1,
  });
  expect(await store.totals()).toEqual(referenceTotals([one, clickEvent('2'), clickEvent('3')]));
});

test('the same id of another source or tenant is another event', async () => {
  const store = memoryCountStore();
  const one = clickEvent('1');
  const others = [one, clickEvent('1', { source: '/app' }), { ...one, tenant: 'other' }];
  expect(await countRecords(records(...others), counting(store))).toMatchObject({ counted: 3 });
});

test('a reading of more items than a transaction holds is counted whole', async () => {
  const store = memoryCountStore();
  const reading = largeReading('r1');
  await countRecords(records(reading, reading), counting(store));
  await countRecords(records(reading), counting(store));
  expect(await store.totals()).toEqual(referenceTotals([reading]));
});

describe('a record that the store will never take', () => {
  const batch = records(
    telemetryEvent('1', { good: 1 }),
    telemetryEvent('2', { bad: 1, good: 2 }),
    telemetryEvent('3', { good: 4 }),
  );

  test('is put aside alone; the others are counted', async () => {
    const store = memoryCountStore();
    const options = counting(refusingBad(store));
    expect(await countRecords(batch, options)).toEqual({ counted: 2, duplicates: 0 });
    expect(options.aside).toEqual(['2']);
    expect(await store.totals()).toEqual(
      referenceTotals([telemetryEvent('1', { good: 1 }), telemetryEvent('3', { good: 4 })]),
    );
  });

  test('comes again when it could not be put aside', async () => {
    const options = {
      ...counting(refusingBad(memoryCountStore())),
      putAside: async () => {
        throw new Error('the dead letters are down');
      },
    };
    await expect(countRecords(batch, options)).rejects.toMatchObject({
      name: 'BatchFailure',
      lowestSequenceNumber: '49501',
    });
  });
});

test('a failed chunk is retried from its lowest record', async () => {
  const store = memoryCountStore();
  // Clicks and readings fall into different chunks; the second one to be committed fails.
  const readings = [2, 3].map((at) => largeReading(`r${at}`, 49));
  const batch = records(clickEvent('0'), clickEvent('1'), ...readings);
  const failing = faultyCountStore(store, ['none', 'lost-request']);
  await expect(countRecords(batch, counting(failing))).rejects.toMatchObject({
    name: 'BatchFailure',
    lowestSequenceNumber: '49502',
  });
  await countRecords(batch, counting(store));
  expect(await store.totals()).toEqual(referenceTotals(batch.map(({ value }) => value)));
});

test('when several chunks are left, it is the lowest record of them all', async () => {
  const store = memoryCountStore();
  // More chunks than run side by side, worked off by minute: the newest record's chunk is first.
  const values = [44, 43, 42, 41].map((minute) => {
    const { event, tenant } = largeReading(String(minute));
    return { tenant, event: { ...event, time: `2026-11-23T09:${minute}:00Z` } };
  });
  const failing = faultyCountStore(store, ['lost-request']);
  await expect(countRecords(records(...values), counting(failing))).rejects.toMatchObject({
    lowestSequenceNumber: '49500',
  });
  await countRecords(records(...values), counting(store));
  expect(await store.totals()).toEqual(referenceTotals(values));
});

describe('a busy store', () => {
  const busy: CountStore = {
    commit: async () => ({ kind: 'contended', cause: new Error('conflict') }),
  };

  test('is asked again after growing pauses, then the records come again', async () => {
    const pauses: number[] = [];
    const pacing = { ...unpaced, pause: async (ms: number) => void pauses.push(ms) };
    await expect(
      countRecords(records(clickEvent('1')), counting(busy, pacing)),
    ).rejects.toMatchObject({ code: 'counters_contended', lowestSequenceNumber: '49500' });
    expect(pauses).toEqual([20, 40, 80, 160, 320, 500, 500]);
  });

  test('is not waited for when the function is about to be stopped', async () => {
    let asked = 0;
    const pacing = { ...unpaced, hasTimeLeft: () => asked++ === 0 };
    await expect(
      countRecords(records(clickEvent('1')), counting(busy, pacing)),
    ).rejects.toMatchObject({ code: 'out_of_time' });
  });
});

test('begins nothing when the function is about to be stopped', async () => {
  const store = memoryCountStore();
  const pacing = { ...unpaced, hasTimeLeft: () => false };
  await expect(
    countRecords(records(clickEvent('1')), counting(store, pacing)),
  ).rejects.toMatchObject({ code: 'out_of_time', lowestSequenceNumber: '49500' });
  expect(await store.totals()).toEqual({});
});
