import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { funnels } from '../../../src/pipelines/activity/funnels.ts';
import { retention } from '../../../src/pipelines/activity/retention.ts';
import { settle } from '../../model/settle.ts';
import { activity } from './activity-events.ts';

const page = await readFile(new URL('../../../docs/activity.md', import.meta.url), 'utf8');

/** The rows of the page's table of events. */
const events = [...page.matchAll(/^\| (\d\d)th (\d\d:\d\d) +\| (u\d) +\| `(\w+)` +\|$/gm)].map(
  ([, day, time, userId, name], at) =>
    activity(`e${at}`, `${day}T${time}:00`, { name: name ?? '', userId: userId ?? '' }),
);

test('the funnel of the worked example is what the page says', () => {
  expect(events).toHaveLength(8);
  const rows = [...page.matchAll(/^\| entered the (\d\d)th +\|(.*)\|$/gm)];
  const steps = ['view_product', 'add_to_cart', 'begin_checkout', 'purchase'];
  const told = rows.flatMap(([, day, cells = '']) =>
    cells.split('|').flatMap((cell, at) => (cell.trim() ? [[`${day} ${steps[at]}`, +cell]] : [])),
  );
  const counted = Object.entries(settle(funnels, events).counts).map(([name, { count }]) => {
    const [, day, step] = /1d 2026-11-(\d\d)T.*"step":"(\w+)"/.exec(name) ?? [];
    return [`${day} ${step}`, count];
  });
  expect(Object.fromEntries(counted)).toEqual(Object.fromEntries(told));
  expect(told).toHaveLength(6);
});

test('the cohorts of the worked example are what the page says', () => {
  const cohorts = (all: typeof events) =>
    Object.entries(settle(retention, all).counts).map(([name, { count }]) => {
      const [, day, cohort] = /"cohort":"2026-11-(\d\d)","day":"(\d+)"/.exec(name) ?? [];
      return `${day}+${cohort}: ${count}`;
    });
  expect(cohorts(events)).toEqual(['16+0: 2', '16+1: 1', '16+2: 1']);
  const late = activity('late', '14T12:00:00', { name: 'signed-in', userId: 'u2' });
  expect(cohorts([...events, late])).toEqual([
    '14+0: 1',
    '14+2: 1',
    '14+4: 1',
    '16+0: 1',
    '16+1: 1',
  ]);
});
