import { sessionPartitions } from '@millrace/types';
import { describe, expect, test } from 'vitest';
import { clicks } from '../../../src/pipelines/clicks/pipeline.ts';
import { settle } from '../../model/settle.ts';
import {
  CHROME,
  click,
  GOOGLEBOT,
  IPHONE,
  sessionsIn,
  spans,
  totals,
  views,
} from './click-events.ts';

const spansOf = (...times: string[]) => spans(settle(clicks, views(...times)));
const minutes = (start: string, count: number, step: number) =>
  Array.from({ length: count }, (_, at) =>
    new Date(Date.parse(`2026-11-${start}Z`) + at * step * 60_000).toISOString(),
  );

describe('sessions', () => {
  test('end after a pause of more than half an hour', () => {
    expect(spansOf('23T09:00:00', '23T09:30:00', '23T10:00:00.001')).toEqual([
      '23T09:00 23T09:30 2',
      '23T10:00 23T10:00 1',
    ]);
  });

  test('become one when the click between them arrives late', () => {
    const late = ['23T09:00:00', '23T09:50:00', '23T09:25:00'];
    expect(spansOf(...late.slice(0, 2))).toHaveLength(2);
    const settled = settle(clicks, views(...late));
    expect(spans(settled)).toEqual(['23T09:00 23T09:50 3']);
    expect(totals(settled)).toMatchObject({
      'clicks.sessions {"browser":"chrome","device":"desktop","os":"windows"}': [1, 3],
      'clicks.durations {"device":"desktop"}': [1, 3000],
      'clicks.entries {"page":"/0"}': [1, 0],
      'clicks.exits {"page":"/1"}': [1, 0],
    });
    expect(Object.keys(totals(settled)).filter((name) => /bounces|exits/.test(name))).toHaveLength(
      1,
    );
  });

  test('begin earlier, under another key, when an earlier click arrives late', () => {
    const settled = settle(clicks, views('23T00:10:00', '22T23:50:00'));
    expect(sessionsIn(settled)).toMatchObject([
      { entryPage: '/1', exitPage: '/0', views: 2, bounce: false },
    ]);
    expect(
      [...settled.states.keys()].filter((name) =>
        sessionPartitions('acme', '2026-11-23').some((pk) => name.startsWith(pk)),
      ),
    ).toEqual([]);
  });

  test('go on past midnight, in any order of the days', () => {
    const night = ['22T23:40:00', '22T23:59:59.999', '23T00:20:00', '23T00:45:00'];
    expect(spansOf(...night)).toEqual(['22T23:40 23T00:45 4']);
    expect(spansOf(...night.toReversed())).toEqual(['22T23:40 23T00:45 4']);
  });

  test('of a visitor who never pauses are cut at midnight, after a day at least', () => {
    const restless = minutes('20T12:00:00', 4 * 48, 30);
    const expected = [
      '20T12:00 21T23:30 72',
      '22T00:00 22T23:30 48',
      '23T00:00 23T23:30 48',
      '24T00:00 24T11:30 24',
    ];
    expect(spansOf(...restless)).toEqual(expected);
    expect(spansOf(...restless.toReversed())).toEqual(expected);
  });

  test('of other visitors and of other tenants are others', () => {
    const mine = click('1', '23T09:00:00');
    const others = [
      click('2', '23T09:01:00', { visitorId: '__proto__' }),
      { ...click('3', '23T09:02:00'), tenant: 'umbrella' },
    ];
    const settled = settle(clicks, [mine, ...others]);
    expect(sessionsIn(settled).map(({ visitorId, bounce }) => [visitorId, bounce])).toEqual([
      ['__proto__', true],
      ['v1', true],
    ]);
    expect(Object.keys(settled.counts).some((name) => name.startsWith('umbrella '))).toBe(true);
  });

  test('tell views from clicks, and a bounce is one view', () => {
    const events = [
      click('1', '23T09:00:00'),
      click('2', '23T09:01:00', { action: 'click' }),
      click('3', '23T15:00:00', { action: 'click' }),
    ];
    const settled = settle(clicks, events);
    expect(sessionsIn(settled)).toMatchObject([
      { views: 1, clicks: 1, bounce: true },
      { views: 0, clicks: 1, bounce: false },
    ]);
    expect(totals(settled)['clicks.pages {"page":"/"}']).toEqual([1, 0]);
  });

  test('keep where the first click came from and what it came with', () => {
    const events = [
      click('2', '23T09:10:00', { userAgent: IPHONE, referrer: 'https://late.example/' }),
      click('1', '23T09:00:00', {
        url: 'https://shop.example/a?utm_source=news&utm_medium=mail&utm_campaign=가을&id=7#x',
        referrer: 'https://www.search.example/?q=secret',
        userAgent: CHROME,
      }),
    ];
    expect(sessionsIn(settle(clicks, events))).toMatchObject([
      {
        referrer: 'search.example',
        source: 'news',
        medium: 'mail',
        campaign: '가을',
        device: 'desktop',
        browser: 'chrome',
        os: 'windows',
        entryPage: '/a',
        exitPage: '/',
      },
    ]);
  });

  test('are not made by bots, which are counted apart', () => {
    const events = [1, 2, 3].map((at) => click(`${at}`, '23T09:00:00', { userAgent: GOOGLEBOT }));
    const settled = settle(clicks, events);
    expect(settled.states.size).toBe(0);
    expect(totals(settled)).toEqual({ 'clicks.bots {"bot":"google"}': [3, 0] });
  });
});

describe('what is kept of a visitor is bounded', () => {
  const largest = ({ states }: { states: ReadonlyMap<string, unknown> }) =>
    Math.max(...[...states.values()].map((one) => Buffer.byteLength(JSON.stringify(one))));

  test('by thousands of clicks in a day: one run where there is no pause', () => {
    const busy = minutes('23T00:00:00', 8640, 1 / 6).map((time, at) => click(`${at}`, time));
    const settled = settle(clicks, busy);
    expect(spans(settled)).toEqual(['23T00:00 23T23:59 8640']);
    expect(largest(settled)).toBeLessThan(600);
  });

  test('by as many runs as a day holds, of the longest values', () => {
    const long = '가'.repeat(200);
    const hostile = minutes('23T00:00:00', 48, 30 + 1 / 60).map((time, at) =>
      click(`${at}`, time, {
        url: `https://x.example/${long}/${at}?utm_source=${long}&utm_medium=${long}&utm_campaign=${long}`,
        referrer: `https://${'a'.repeat(48)}.${'b'.repeat(40)}.example/`,
      }),
    );
    const settled = settle(clicks, hostile);
    expect(sessionsIn(settled)).toHaveLength(48);
    expect(largest(settled)).toBeGreaterThan(60_000);
    expect(largest(settled)).toBeLessThan(100_000);
  });
});
