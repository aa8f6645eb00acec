import { expect, test } from 'vitest';
import type { AnalyticsStore, Transaction } from '../../../src/domain/engine/analytics-store.ts';
import { notingSeries } from '../../../src/pipelines/alerts/watched-series.ts';
import { memoryAnalyticsStore } from '../../model/memory-analytics-store.ts';
import { count, MANY_ERRORS } from './watching-metrics.ts';

const errors = (time: string) =>
  ({
    metric: 'log',
    time: `2026-11-23T${time}:00Z`,
    by: { service: 'api', level: 'error' },
  }) as const;

/** A store and what was committed to it, in order; `failing` lets the nth commit fail, from 0. */
function recorded(failing: readonly number[] = []) {
  const store = memoryAnalyticsStore();
  const commits: Transaction[] = [];
  const recording: AnalyticsStore = {
    ...store,
    commit: async (transaction) => {
      const nth = commits.push(transaction) - 1;
      if (failing.includes(nth)) return { kind: 'contended', cause: new Error('busy') };
      return await store.commit(transaction);
    },
  };
  const notes = async () =>
    [...(await store.states()).keys()].map((key) => key.replace('*#series#', ''));
  return { commits, store, notes, noting: notingSeries(recording, [MANY_ERRORS]) };
}

test('who has data is noted before it is counted, once an hour', async () => {
  const { commits, notes, noting } = recorded();
  for (const time of ['09:00', '09:59', '10:00', '09:30']) await count(noting, errors(time));
  expect(await notes()).toEqual([
    'log#1m 2026-11-23T09:00:00Z#acme',
    'log#1m 2026-11-23T10:00:00Z#acme',
  ]);
  const kinds = commits.map(({ states }) => (states.length > 0 ? 'note' : 'count'));
  expect(kinds).toEqual(['note', 'count', 'count', 'note', 'count', 'count']);
});

test('nothing is counted whose note was not put, and the note is tried again', async () => {
  const { commits, notes, noting, store } = recorded([0]);
  await expect(count(noting, errors('09:00'))).rejects.toThrow('busy');
  expect(await store.cells()).toEqual([]);
  await count(noting, errors('09:00'));
  expect(await notes()).toHaveLength(1);
  expect(commits).toHaveLength(3);
});

test('a metric that no rule looks at is not noted', async () => {
  const { commits, notes, noting } = recorded();
  await count(noting, { metric: 'click', time: '2026-11-23T09:00:00Z', by: { action: 'view' } });
  expect(await notes()).toEqual([]);
  expect(commits).toHaveLength(1);
});
