import type { Row } from '@millrace/lake';
import { type Fault, memoryLakeObjects } from '@millrace/lake/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  byText,
  commit,
  HOUR,
  history,
  load,
  manifestsOf,
  rowsAt,
  START,
  type Store,
  statesOf,
} from './orders.ts';

/** Files and rounds are small, so that a few rows make many of them. */
const SMALL = { targetBytes: 3_000, roundBytes: 4_000, intakeKeptMs: 2 * HOUR, graceMs: HOUR };

/** Every version that a reader may be reading is one whole: states and changes belong together. */
async function expectConsistent(store: Store, all: readonly Row[], now: number) {
  const manifests = await manifestsOf(store);
  for (const [nth, manifest] of manifests.entries()) {
    const follower = manifests[nth + 1];
    if (follower && Date.parse(follower.committedAt) + SMALL.graceMs <= now) continue;
    const { changes, current } = await rowsAt(store, manifest);
    const ids = new Set(changes.map(({ change_id }) => change_id));
    expect(ids.size).toBe(changes.length);
    expect(changes).toEqual(all.filter(({ change_id }) => ids.has(change_id)));
    expect(current).toEqual(statesOf(changes).sort(byText('order_id')));
  }
}

async function expectExact(store: Store, all: readonly Row[]) {
  const latest = (await manifestsOf(store)).at(-1);
  if (!latest) throw new Error('There is no commit.');
  const { changes, current } = await rowsAt(store, latest);
  expect(changes).toEqual(all);
  expect(current).toEqual(statesOf(all).sort(byText('order_id')));
}

type Turn =
  | { readonly kind: 'load'; readonly picks: readonly number[] }
  | { readonly kind: 'commit'; readonly jobs: number; readonly picks: readonly number[] }
  | { readonly kind: 'wait'; readonly hours: number }
  | { readonly kind: 'arrive' };

const picks = fc.array(fc.nat(39), { maxLength: 15 });
/** Jobs beside each other, and beside what is loaded at the same time. */
const commits = fc.record({
  ...{ kind: fc.constant('commit' as const), picks },
  jobs: fc.integer({ min: 1, max: 3 }),
});
const turns = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('load' as const), picks }) },
    { weight: 4, arbitrary: commits },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('wait' as const),
        hours: fc.double({ min: 0.1, max: 30, noNaN: true }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('arrive' as const) }) },
  ),
  { maxLength: 25 },
) satisfies fc.Arbitrary<Turn[]>;
const histories = fc
  .array(fc.tuple(fc.nat(7), fc.nat(4)), { minLength: 40, maxLength: 40 })
  .map(history);
const faults = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.constant<Fault>('none') },
    { weight: 3, arbitrary: fc.constant<Fault>('slow') },
    { weight: 1, arbitrary: fc.constantFrom<Fault>('throw-before', 'throw-after', 'arrive-late') },
  ),
  { maxLength: 400 },
);

describe('a table of the lake', () => {
  it('is whole at every version and exact at the end: late, repeated, killed anywhere, at once', async () => {
    await fc.assert(
      fc.asyncProperty(histories, turns, faults, async (all, plan, planned) => {
        let next = 0;
        const store = memoryLakeObjects(() => planned[next++] ?? 'none');
        let now = START + 40 * 7_000;
        // What was answered for does not come again.
        const loaded = new Set<Row>();
        const bring = async (some: readonly number[]) => {
          const rows = all.filter((_, n) => some.includes(n));
          await load(rows, store);
          for (const row of rows) loaded.add(row);
        };
        for (const turn of plan) {
          if (turn.kind === 'wait') now += turn.hours * HOUR;
          else if (turn.kind === 'arrive') store.arrive();
          else if (turn.kind === 'load') await bring(turn.picks).catch(() => {});
          else {
            const jobs = Array.from({ length: turn.jobs }, () => commit(store, now, SMALL));
            await Promise.allSettled([...jobs, bring(turn.picks)]);
          }
          await expectConsistent(store, all, now);
        }
        next = planned.length;
        const failed = all.filter((row) => !loaded.has(row));
        await load(failed, store);
        store.arrive();
        await commit(store, now, SMALL);
        await expectConsistent(store, all, now);
        await expectExact(store, all);
      }),
      { numRuns: 100 },
    );
  });

  it('has nothing left over when all is done and the grace period is over', async () => {
    await fc.assert(
      fc.asyncProperty(histories, faults, async (all, planned) => {
        let next = 0;
        const store = memoryLakeObjects(() => planned[next++] ?? 'none');
        const now = START + 24 * HOUR;
        for (let at = 0; at < 40; at += 9) {
          await load(all.slice(at, at + 9), store).catch(() => {});
          await Promise.allSettled([commit(store, now, SMALL), commit(store, now, SMALL)]);
        }
        next = planned.length;
        store.arrive();
        await load(all, store);
        await commit(store, now, SMALL);
        await commit(store, now + 2 * HOUR, SMALL);
        const [latest, ...others] = await manifestsOf(store);
        expect(others).toEqual([]);
        const named = [
          ...(latest?.changes ?? []),
          ...(latest?.current ?? []).flatMap(({ live, removed }) => [live, removed]),
        ].flatMap((file) => file?.key ?? []);
        expect(store.keys().filter((key) => !key.startsWith('manifest/'))).toEqual(named.sort());
        await expectExact(store, all);
      }),
      { numRuns: 60 },
    );
  });
});
