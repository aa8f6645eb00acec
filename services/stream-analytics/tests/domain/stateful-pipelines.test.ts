import { PermanentError } from '@millrace/middleware';
import type { EventOf } from '@millrace/types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { definePipeline, type Incoming, stateRef } from '../../src/domain/engine/pipeline.ts';
import { processBatch } from '../../src/domain/engine/process-batch.ts';
import { SeenEvents } from '../../src/domain/engine/seen-events.ts';
import { deliverShard, unpaced } from '../model/deliver.ts';
import { clickEvent } from '../model/events.ts';
import { faults, faultyStore } from '../model/faulty-store.ts';
import { memoryAnalyticsStore } from '../model/memory-analytics-store.ts';
import { settle } from '../model/settle.ts';

type Click = EventOf<'millrace.click.v1'>;

/** Visits of a visitor: a state, a document that follows from it, and a count that is taken back. */
const visits = definePipeline({
  name: 'visits',
  takes: ['millrace.click.v1'],
  states: ({ event, tenant }) => [visitorOf(tenant, event)],
  apply({ event, tenant }, work) {
    if (event.data.url === '/poison') throw new PermanentError('poison', 'Not this one.');
    if (event.data.url === '/bug') throw new TypeError('a bug');
    const ref = visitorOf(tenant, event);
    const before = work.read(ref) ?? { visits: 0, first: event.time };
    const after = {
      visits: before.visits + 1,
      first: [before.first, event.time].sort()[0] ?? event.time,
    };
    work.write(ref, after);
    work.publish(stateRef(tenant, 'first', event.data.visitorId), { at: after.first });
    if (before.visits > 0) work.count('click', before.first, { by: { action: 'view' } }, -1);
    work.count('click', after.first, { by: { action: 'view' } });
  },
});

const visitorOf = (tenant: string, { data }: Click) =>
  stateRef<{ visits: number; first: string }>(tenant, 'visitor', data.visitorId);

const clicks = fc.array(
  fc.record({
    id: fc.integer({ min: 0, max: 60 }),
    visitor: fc.integer({ min: 0, max: 4 }),
    minute: fc.integer({ min: 10, max: 13 }),
  }),
  { minLength: 1, maxLength: 60, size: 'max' },
);

const eventsOf = (drawn: readonly { id: number; visitor: number; minute: number }[]) => {
  // What is sent again is the same event.
  const known = new Map<number, Incoming>();
  return drawn.map(({ id, visitor, minute }) => {
    const click = clickEvent(String(id), {
      time: `2026-11-23T09:${minute}:07Z`,
      data: { visitorId: `v${visitor}`, url: '/' },
    } as Partial<Click>);
    const incoming = known.get(id) ?? { ...click, arrivedAt: '2026-11-24T00:00:00.000Z' };
    known.set(id, incoming);
    return incoming;
  });
};

test('states, documents and counts hold every event once, whatever is repeated, cut, lost or killed', async () => {
  const borders = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 20, size: 'max' });
  await fc.assert(
    fc.asyncProperty(
      clicks,
      fc.integer({ min: 1, max: 3 }),
      borders,
      faults,
      async (drawn, count, sizes, script) => {
        const events = eventsOf(drawn);
        const store = memoryAnalyticsStore();
        const faulty = faultyStore(store, script);
        const shards = Array.from({ length: count }, (_, shard) =>
          events.filter((__, at) => at % count === shard),
        );
        await Promise.all(
          shards.map((shard, at) =>
            deliverShard(shard, sizes, {
              pipelines: [visits],
              store: faulty,
              shardId: `shardId-00000000000${at}`,
            }),
          ),
        );
        const expected = settle(visits, events);
        expect(await store.states()).toEqual(expected.states);
        const totals = Object.entries(await store.totals()).filter(
          ([, total]) => total.count !== 0,
        );
        const minutes = Object.entries(expected.counts).filter(([name]) => name.includes(' 1m '));
        expect(totals.map(([, total]) => total.count).sort()).toEqual(
          minutes.map(([, total]) => total.count).sort(),
        );
      },
    ),
    { numRuns: 200 },
  );
});

test('what a pipeline refuses, or a bug of it, is put aside alone and leaves nothing', async () => {
  const store = memoryAnalyticsStore();
  const at = (id: string, url: string) =>
    clickEvent(id, { data: { visitorId: 'v1', url } } as Partial<Click>);
  const old = clickEvent('old', { time: '1970-01-01T00:00:00Z' });
  const future = clickEvent('future', { time: '2999-01-01T00:00:00Z' });
  const batch = [at('1', '/'), at('2', '/poison'), old, at('3', '/bug'), future, at('4', '/')];
  const aside: [string, string][] = [];
  const counts = await processBatch(
    batch.map((value, index) => ({
      shardId: 'shardId-000000000000',
      sequenceNumber: String(index),
      arrivedAt: '2026-11-24T00:00:00.000Z',
      arrivedAtMs: Date.parse('2026-11-24T00:00:00.000Z'),
      value,
    })),
    {
      pipelines: [{ pipeline: visits, seen: new SeenEvents(store) }],
      store,
      pacing: unpaced,
      putAside: async ({ value }, cause) =>
        void aside.push([value.event.id, (cause as PermanentError).code]),
    },
  );
  expect(counts).toEqual({ processed: 2, duplicates: 0 });
  expect(aside.toSorted()).toEqual([
    ['2', 'poison'],
    ['3', 'pipeline_failed'],
    ['future', 'event_time_out_of_range'],
    ['old', 'event_time_out_of_range'],
  ]);
  expect((await store.states()).get('acme#visitor#v1 -')).toMatchObject({ visits: 2 });
});
