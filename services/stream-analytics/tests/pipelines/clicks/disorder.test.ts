import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clicks } from '../../../src/pipelines/clicks/pipeline.ts';
import { faults } from '../../model/faulty-store.ts';
import { settle } from '../../model/settle.ts';
import { throughEngine } from '../../model/through-engine.ts';
import { CHROME, click, GOOGLEBOT, IPHONE, sessionsIn } from './click-events.ts';

const START = Date.parse('2026-11-22T00:00:00Z');

/** Steps of a few minutes meet pauses of exactly half an hour, same moments and midnights. */
const drawn = fc.array(
  fc.record({
    visitorId: fc.constantFrom('v1', 'v2'),
    fives: fc.oneof(
      fc.integer({ min: 0, max: 3 * 288 }),
      // Around the midnights.
      fc.tuple(fc.constantFrom(288, 576), fc.integer({ min: -9, max: 9 })).map(([a, b]) => a + b),
    ),
    url: fc.constantFrom('/a', '/b?utm_campaign=x', '/c'),
    referrer: fc.constantFrom('', 'https://a.example/', 'https://b.example/'),
    userAgent: fc.constantFrom(CHROME, CHROME, IPHONE, GOOGLEBOT),
    action: fc.constantFrom('view', 'view', 'click'),
  }),
  { minLength: 1, maxLength: 50, size: 'max' },
);

const events = drawn.map((all) =>
  all.map(({ fives, ...data }, at) =>
    click(`e${at}`, new Date(START + fives * 300_000).toISOString(), data as { url: string }),
  ),
);

const mixed = events.chain((all) =>
  fc.record({
    all: fc.constant(all),
    again: fc
      .tuple(
        fc.shuffledSubarray(all, { minLength: all.length }),
        fc.array(fc.constantFrom(...all), { maxLength: 6 }),
      )
      .map(([every, some]) => [...every, ...some]),
  }),
);

test('sessions, documents and counts are the same in any order and with repetitions', () => {
  fc.assert(
    fc.property(mixed, ({ all, again }) => {
      const one = settle(clicks, all);
      const other = settle(clicks, again);
      expect(other.states).toEqual(one.states);
      expect(other.counts).toEqual(one.counts);
    }),
    { numRuns: 300 },
  );
});

test('sessions are those that walking through the sorted clicks finds', () => {
  fc.assert(
    fc.property(events, (all) => {
      const people = all.filter(({ event }) => event.data.userAgent !== GOOGLEBOT);
      const known = ['v1', 'v2'].flatMap((visitor) => {
        const times = people
          .filter(({ event }) => event.data.visitorId === visitor)
          .map(({ event }) => event.time)
          .sort();
        const walked: { start: string; end: string; count: number }[] = [];
        for (const time of times) {
          const session = walked.at(-1);
          if (session && Date.parse(time) - Date.parse(session.end) <= 1_800_000) {
            session.end = time;
            session.count += 1;
          } else walked.push({ start: time, end: time, count: 1 });
        }
        return walked.map(({ start, end, count }) => [visitor, start, end, count]);
      });
      const found = sessionsIn(settle(clicks, all)).map((one) => [
        one.visitorId,
        one.startedAt,
        one.endedAt,
        one.views + one.clicks,
      ]);
      expect(found).toEqual(known);
    }),
    { numRuns: 300 },
  );
});

test('nothing is lost or doubled where shards write the same visitor at once', async () => {
  const ways = fc.record({
    shards: fc.integer({ min: 2, max: 3 }),
    batch: fc.integer({ min: 1, max: 5 }),
    script: faults,
  });
  await fc.assert(
    fc.asyncProperty(mixed, ways, async ({ again }, way) => {
      const { states, counts } = settle(clicks, again);
      expect(await throughEngine(clicks, again, way)).toEqual({ states, counts });
    }),
    { numRuns: 150 },
  );
});
