import { expect, it } from 'vitest';
import { cleanse } from '../../src/pipelines/cleansing/cleanse.ts';
import { cleansing } from '../../src/pipelines/cleansing/pipeline.ts';
import { type Settled, settle } from '../model/settle.ts';
import { events, expected, PSEUDONYM } from './cleansing-data.ts';

const all = events(20_261_124, 2_000);
const answers = expected(all);

/** `tenant value value` → count, of the one day that the events are of. */
function perDay(counts: Settled['counts'], metric: string, dimensions: readonly string[]) {
  const cells = Object.entries(counts).flatMap(([cell, { count }]): [string, number][] => {
    const [, tenant, by = ''] = new RegExp(`^(\\S+) ${metric} 1d \\S+ (.*)$`).exec(cell) ?? [];
    if (tenant === undefined) return [];
    const values: Record<string, string> = JSON.parse(by);
    return [[[tenant, ...dimensions.map((name) => values[name])].join(' '), count]];
  });
  return Object.fromEntries(cells);
}

it('counts every change by rule and field, and every event by its outcome', () => {
  const { counts, refused } = settle(cleansing, all);
  expect(refused).toEqual([]);
  expect(perDay(counts, 'cleansing.changes', ['rule', 'field'])).toEqual(answers.changes);
  expect(perDay(counts, 'cleansing.events', ['type', 'outcome'])).toEqual(answers.outcomes);
});

it('leaves of every event what was written by hand', () => {
  const archived = all.flatMap((incoming) => {
    const cleansed = cleanse(incoming, () => PSEUDONYM);
    if ('dropped' in cleansed) return [];
    const { id, time, data } = cleansed.event;
    return [[`${incoming.tenant} ${id}`, { time, data }] as const];
  });
  expect(new Map(archived)).toEqual(answers.archived);
});
