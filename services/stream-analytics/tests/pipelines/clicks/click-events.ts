import type { EventOf, Session } from '@millrace/types';
import type { Incoming } from '../../../src/domain/engine/pipeline.ts';
import type { Settled } from '../../model/settle.ts';

type Click = EventOf<'millrace.click.v1'>;

export const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
export const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
export const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';

/** @param time `23T09:41:00` is of November 2026; or a whole one. */
export function click(
  id: string,
  time: string,
  data: Partial<Click['data']> = {},
): Incoming<Click> {
  return {
    tenant: 'acme',
    arrivedAt: '2026-12-20T00:00:00.000Z',
    event: {
      specversion: '1.0',
      id,
      source: '/web',
      type: 'millrace.click.v1',
      time: /^\d{4}-/.test(time) ? time : `2026-11-${time}Z`,
      data: { visitorId: 'v1', url: '/', userAgent: CHROME, ...data },
    },
  };
}

/** Views of one visitor, of the pages `/0`, `/1`, … */
export function views(...times: string[]): Incoming<Click>[] {
  return times.map((time, at) => click(`e${at}`, time, { url: `https://shop.example/${at}` }));
}

/** What readers list, by visitor and start. */
export function sessionsIn({ states }: Pick<Settled, 'states'>): Session[] {
  return [...states]
    .filter(([name]) => name.startsWith('acme#sessions#'))
    .map(([, document]) => document as Session)
    .sort((a, b) => (a.visitorId + a.startedAt < b.visitorId + b.startedAt ? -1 : 1));
}

/** `23T09:41 23T10:00 3` of each session: start, end, views. */
export function spans(settled: Pick<Settled, 'states'>): string[] {
  const short = (time: string) => time.slice(8, 16);
  return sessionsIn(settled).map(
    (one) => `${short(one.startedAt)} ${short(one.endedAt)} ${one.views}`,
  );
}

/** `metric {"dimension":"value"}` → count and sum, of whole days together. */
export function totals({ counts }: Pick<Settled, 'counts'>): Record<string, [number, number]> {
  const all: Record<string, [number, number]> = {};
  for (const [name, { count, sum }] of Object.entries(counts)) {
    const [, metric, window, , ...by] = name.split(' ');
    if (window !== '1d') continue;
    const key = `${metric} ${by.join(' ')}`;
    const [oldCount, oldSum] = all[key] ?? [0, 0];
    all[key] = [oldCount + count, oldSum + Number(sum)];
  }
  return all;
}
