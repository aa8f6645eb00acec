import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { clicks } from '../../../src/pipelines/clicks/pipeline.ts';
import { cellName, settle } from '../../model/settle.ts';
import { CHROME, click, GOOGLEBOT, IPHONE, sessionsIn } from './click-events.ts';

const page = await readFile(new URL('../../../docs/clicks.md', import.meta.url), 'utf8');
const AGENTS: Record<string, string> = { iPhone: IPHONE, Chrome: CHROME, Googlebot: GOOGLEBOT };

/** The rows of the page's table of events. */
const events = [
  ...page.matchAll(/^\| (\d\d)\w\w (\d\d:\d\d) +\| (c\d) +\| (v\d) +\| `(\S+)` +\| (\w+) +\|$/gm),
].map(([, day, time, id = '', visitorId = '', path, agent = '']) =>
  click(id, `${day}T${time}:00`, {
    visitorId,
    url: `https://shop.example${path}`,
    userAgent: AGENTS[agent] ?? '',
  }),
);

const told = [
  ...page.matchAll(
    /^\| (\d\d)\w\w (\d\d:\d\d) – (\d\d:\d\d) +\| (v\d) +\| (\d) +\| `(\S+)` +\| `(\S+)` +\|$/gm,
  ),
].map((row) => row.slice(1).join(' '));

const listed = (settled: ReturnType<typeof settle>) =>
  sessionsIn(settled).map((one) =>
    [
      one.startedAt.slice(8, 10),
      one.startedAt.slice(11, 16),
      one.endedAt.slice(11, 16),
      one.visitorId,
      one.views,
      one.entryPage,
      one.exitPage,
    ].join(' '),
  );

const IOS = { device: 'mobile', browser: 'safari', os: 'ios' };
const WINDOWS = { device: 'desktop', browser: 'chrome', os: 'windows' };
const on = (day: number, metric: string, by: Record<string, string>) =>
  cellName('acme', metric, '1d', `2026-11-${day}T00:00:00Z`, by);

test('the sessions of the worked example are what the page says', () => {
  expect(events).toHaveLength(5);
  expect(told).toHaveLength(3);
  const settled = settle(clicks, events);
  expect(listed(settled)).toEqual(told);
  expect(settled.counts).toMatchObject({
    [on(22, 'clicks.sessions', IOS)]: { count: 1, sum: '2' },
    [on(23, 'clicks.sessions', IOS)]: { count: 1, sum: '1' },
    [on(23, 'clicks.sessions', WINDOWS)]: { count: 1, sum: '1' },
    [on(23, 'clicks.bounces', IOS)]: { count: 1 },
    [on(23, 'clicks.bounces', WINDOWS)]: { count: 1 },
    [on(23, 'clicks.bots', { bot: 'google' })]: { count: 1 },
  });
});

test('the late click of the worked example joins what the page says', () => {
  const late = click('c6', '23T00:38:00', {
    url: 'https://shop.example/mill',
    userAgent: IPHONE,
  });
  const settled = settle(clicks, [...events, late]);
  expect(listed(settled)).toEqual(['22 23:50 01:05 v1 4 / /cart', told[2]]);
  expect(settled.counts).toMatchObject({
    [on(22, 'clicks.sessions', IOS)]: { count: 1, sum: '4' },
    [on(22, 'clicks.durations', { device: 'mobile' })]: { count: 1, sum: '4500' },
    [on(23, 'clicks.sessions', WINDOWS)]: { count: 1, sum: '1' },
    [on(23, 'clicks.bounces', WINDOWS)]: { count: 1 },
  });
  expect(settled.counts).not.toHaveProperty([on(23, 'clicks.sessions', IOS)]);
  expect(settled.counts).not.toHaveProperty([on(23, 'clicks.bounces', IOS)]);
});
