import type { EventOf } from '@millrace/types';
import { BOT } from '../generator/people.ts';
import { counterName, type Totals } from './totals.ts';

/** Half an hour: a longer pause ends a session (docs/clicks.md). */
const PAUSE_MS = 30 * 60_000;
const DAY_MS = 86_400_000;
const LAST_DAY = 30;

interface Session {
  readonly from: number;
  readonly to: number;
  readonly views: number;
  readonly clicks: number;
}

/** The sessions of all visitors: spans of clicks, joined where they come near each other. */
export function sessionSums() {
  const visitors = new Map<string, Session[]>();
  return {
    add({ time, data }: EventOf<'millrace.click.v1'>, tenant: string): void {
      if (data.userAgent === BOT) return;
      const at = Date.parse(time);
      const isView = data.action !== 'click';
      let session: Session = {
        ...{ from: at, to: at },
        ...{ views: Number(isView), clicks: Number(!isView) },
      };
      const name = `${tenant} ${data.visitorId}`;
      const apart: Session[] = [];
      for (const other of visitors.get(name) ?? []) {
        const isNear = other.to >= session.from - PAUSE_MS && other.from <= session.to + PAUSE_MS;
        if (!isNear) apart.push(other);
        else {
          session = {
            from: Math.min(other.from, session.from),
            to: Math.max(other.to, session.to),
            views: other.views + session.views,
            clicks: other.clicks + session.clicks,
          };
        }
      }
      visitors.set(name, [...apart, session]);
    },
    addTo(totals: Totals): void {
      for (const [name, sessions] of visitors) {
        const [tenant = ''] = name.split(' ');
        for (const session of sessions) countSession(totals, tenant, session);
      }
    },
  };
}

function countSession(totals: Totals, tenant: string, { from, to, views, clicks }: Session): void {
  const time = new Date(from).toISOString();
  const add = (metric: string, windows: readonly ('1h' | '1d')[], value = 0) => {
    for (const window of windows) {
      totals.add(counterName(tenant, metric, window, time, []), 1, value);
    }
  };
  add('clicks.sessions', ['1h', '1d'], views * 1000);
  add('clicks.durations', ['1h', '1d'], to - from);
  if (views === 1) add('clicks.bounces', ['1h', '1d']);
  for (const metric of ['clicks.entries', 'clicks.exits', 'clicks.sources']) add(metric, ['1d']);
  totals.add(`sessions ${tenant} ${time.slice(0, 10)} views`, 1, views * 1000);
  totals.add(`sessions ${tenant} ${time.slice(0, 10)} clicks`, 1, clicks * 1000);
}

/** On which days users were active, counted by their first. */
export function retentionSums() {
  const users = new Map<string, Set<number>>();
  return {
    add({ time, data }: EventOf<'millrace.activity.v1'>, tenant: string): void {
      const name = `${tenant} ${data.userId}`;
      const days = users.get(name) ?? new Set();
      days.add(Math.floor(Date.parse(time) / DAY_MS));
      users.set(name, days);
    },
    addTo(totals: Totals): void {
      for (const [name, days] of users) {
        const [tenant = ''] = name.split(' ');
        const first = Math.min(...days);
        const cohort = new Date(first * DAY_MS).toISOString();
        for (const day of days) {
          if (day - first > LAST_DAY) continue;
          const by = [cohort.slice(0, 10), String(day - first)];
          totals.add(counterName(tenant, 'activity.retention', '1d', cohort, by), 1);
        }
      }
    },
  };
}
