import type { EventOf, Session } from '@millrace/types';
import type { Incoming } from '../../src/domain/engine/pipeline.ts';
import { asDelivered } from './as-delivered.ts';
import type { ExpectedCount } from './expected-count.ts';
import { type Seeded, seeded } from './seeded.ts';

type Click = Incoming<EventOf<'millrace.click.v1'>>;

const DAY = 86_400_000;
const HALF_HOUR = 1_800_000;

const AGENTS: readonly (readonly [
  userAgent: string | undefined,
  device: string,
  browser: string,
  os: string,
])[] = [
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    'desktop',
    'chrome',
    'windows',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
    'mobile',
    'safari',
    'ios',
  ],
  [
    'Mozilla/5.0 (Linux; Android 14; SM-S921N) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36',
    'mobile',
    'samsung internet',
    'android',
  ],
  [undefined, 'unknown', 'unknown', 'unknown'],
];
const BOTS: readonly (readonly [userAgent: string, name: string])[] = [
  ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'google'],
  ['Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd)', 'naver'],
  ['curl/8.5.0', 'library'],
];
const PAGES = ['/', '/mills', '/flour/rye', '/cart', '/checkout'];
const REFERRERS: readonly (readonly [referrer: string | undefined, domain: string])[] = [
  [undefined, 'direct'],
  ['https://www.search.example/?q=rye', 'search.example'],
  ['https://social.example/p/1', 'social.example'],
  ['https://shop.example/', 'internal'],
];
const CAMPAIGNS = ['', '', 'autumn', '가을'];

/**
 * Visits of two weeks as they arrive: late, in any order, some twice; round the clock, so that many go
 * past midnight, with pauses around half an hour, and some bots that never rest.
 *
 * @param from the first day.
 */
export function events(seed: number, size: number, from = '2026-11-01'): Click[] {
  const dice = seeded(seed);
  const start = Date.parse(`${from}T00:00:00Z`);
  const visitors = Math.max(2, Math.floor(size / 40));
  const inOrder: Click[] = [];
  while (inOrder.length < size) {
    const visitor = dice.whole(0, visitors - 1);
    let at = start + Math.floor(dice.next() * 14 * DAY);
    const ends = inOrder.length + dice.whole(1, 12);
    while (inOrder.length < Math.min(ends, size)) {
      inOrder.push(click(`c${inOrder.length}`, visitor, at, start, dice));
      at += dice.pick([1, 5_000, 60_000, 600_000, HALF_HOUR, HALF_HOUR + 1, 2_400_000]);
    }
  }
  inOrder.sort((a, b) => Date.parse(a.event.time) - Date.parse(b.event.time));
  return asDelivered(inOrder, dice);
}

function click(id: string, visitor: number, at: number, start: number, dice: Seeded): Click {
  const [userAgent] = visitor % 15 === 1 ? dice.pick(BOTS) : dice.pick(AGENTS);
  const [referrer] = dice.pick(REFERRERS);
  const campaign = dice.pick(CAMPAIGNS);
  const query = campaign ? `?utm_source=news&utm_campaign=${campaign}&user=jane` : '?user=jane';
  return {
    tenant: visitor % 10 === 0 ? 'umbrella' : 'acme',
    arrivedAt: new Date(start + 60 * DAY).toISOString(),
    event: {
      specversion: '1.0',
      id,
      source: '/web',
      type: 'millrace.click.v1',
      time: new Date(at).toISOString(),
      data: {
        visitorId: `visitor-${visitor}`,
        url: `https://shop.example${dice.pick(PAGES)}${query}`,
        action: dice.pick(['view', 'view', 'view', 'click']),
        ...(referrer !== undefined && { referrer }),
        ...(userAgent !== undefined && { userAgent }),
      },
    },
  };
}

export interface ExpectedSession extends Omit<Session, 'id'> {
  readonly tenant: string;
}

/** The sessions that there must be, found by walking through the sorted clicks of each visitor. */
export function expectedSessions(all: readonly Click[]): ExpectedSession[] {
  const people = distinct(all).filter((one) => !botName(one));
  const byVisitor = Map.groupBy(people, (one) => `${one.tenant}/${one.event.data.visitorId}`);
  return [...byVisitor.values()].flatMap((those) => {
    const sorted = those.toSorted((a, b) => timeOf(a) - timeOf(b));
    const sessions: Click[][] = [];
    for (const one of sorted) {
      const last = sessions.at(-1)?.at(-1);
      if (last && timeOf(one) - timeOf(last) <= HALF_HOUR) sessions.at(-1)?.push(one);
      else sessions.push([one]);
    }
    return sessions.map(sessionOf);
  });
}

function sessionOf(clicks: readonly Click[]): ExpectedSession {
  const [first, last] = [clicks[0], clicks.at(-1)];
  if (!first || !last) throw new RangeError('a session without clicks');
  const { data, time } = first.event;
  const [, device = '', browser = '', os = ''] =
    AGENTS.find(([agent]) => agent === data.userAgent) ?? [];
  const views = clicks.filter(({ event }) => event.data.action === 'view').length;
  const campaign = /utm_campaign=([^&]*)/.exec(data.url)?.[1] ?? '';
  return {
    tenant: first.tenant,
    visitorId: data.visitorId,
    startedAt: time,
    endedAt: last.event.time,
    views,
    clicks: clicks.length - views,
    bounce: views === 1,
    entryPage: pathOf(first),
    exitPage: pathOf(last),
    referrer: REFERRERS.find(([referrer]) => referrer === data.referrer)?.[1] ?? '',
    source: campaign ? 'news' : '',
    medium: '',
    campaign,
    device,
    browser,
    os,
  };
}

/** What the metrics must show. */
export function expected(all: readonly Click[]): ExpectedCount[] {
  const found = new Map<string, { count: number; thousandths: number }>();
  const add = (
    key: Omit<ExpectedCount, 'count' | 'sum'>,
    { count = 1, thousandths = 0 }: { count?: number; thousandths?: number } = {},
  ) => {
    const name = JSON.stringify(key);
    const before = found.get(name) ?? { count: 0, thousandths: 0 };
    found.set(name, {
      count: before.count + count,
      thousandths: before.thousandths + thousandths,
    });
  };
  for (const one of distinct(all)) {
    const { tenant, event } = one;
    const day = event.time.slice(0, 10);
    const bot = botName(one);
    if (bot) add({ tenant, metric: 'clicks.bots', day, by: { bot } });
    else if (event.data.action === 'view')
      add({ tenant, metric: 'clicks.pages', day, by: { page: pathOf(one) } });
  }
  for (const session of expectedSessions(all)) {
    const { tenant, device, browser, os, referrer, source, medium, campaign } = session;
    const day = session.startedAt.slice(0, 10);
    const client = { device, browser, os };
    const lasted = Date.parse(session.endedAt) - Date.parse(session.startedAt);
    const at = (metric: string, by: Record<string, string>) => ({ tenant, metric, day, by });
    add(at('clicks.sessions', client), { thousandths: session.views * 1000 });
    add(at('clicks.durations', { device }), { thousandths: lasted });
    if (session.bounce) add(at('clicks.bounces', client));
    add(at('clicks.entries', { page: session.entryPage }));
    add(at('clicks.exits', { page: session.exitPage }));
    add(at('clicks.sources', { referrer, source, medium, campaign }));
  }
  return [...found].map(([key, { count, thousandths }]) => ({
    ...(JSON.parse(key) as Omit<ExpectedCount, 'count' | 'sum'>),
    count,
    // Shortest text of at most three decimals: as the sums are written.
    sum: String(thousandths / 1000),
  }));
}

function distinct(all: readonly Click[]): Click[] {
  return [...new Map(all.map((one) => [one.event.id, one])).values()];
}

function botName({ event }: Click): string | undefined {
  return BOTS.find(([agent]) => agent === event.data.userAgent)?.[1];
}

function timeOf({ event }: Click): number {
  return Date.parse(event.time);
}

function pathOf({ event }: Click): string {
  return event.data.url.replace('https://shop.example', '').replace(/\?.*/, '');
}
