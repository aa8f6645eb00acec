import type { EventOf } from '@millrace/types';
import type { Incoming } from '../../src/domain/engine/pipeline.ts';
import { asDelivered } from './as-delivered.ts';
import type { ExpectedCount } from './expected-count.ts';
import { seeded } from './seeded.ts';

type Activity = Incoming<EventOf<'millrace.activity.v1'>>;

const DAY = 86_400_000;
const NAMES = [
  'view_product',
  'view_product',
  'view_product',
  'add_to_cart',
  'add_to_cart',
  'begin_checkout',
  'purchase',
  'signed-in',
  'shared',
  'searched',
];
const PROPERTIES: Record<string, readonly [string, readonly (string | number)[]]> = {
  'signed-in': ['method', ['password', 'google', 'passkey', 'ldap', 7]],
  shared: ['channel', ['link', 'mail', 'pigeon']],
  purchase: ['payment', ['card', 'transfer', 'wallet', 'cash']],
  searched: ['query', ['oats', 'rye', '밀가루', '__proto__']],
  view_product: ['category', ['flour', 'mills']],
};

/**
 * Activity of users over six weeks, as it arrives: late, in any order, some of it twice. Some users
 * come daily, some once; all steps of the funnel are met in every order.
 *
 * @param from the first day.
 */
export function events(seed: number, size: number, from = '2026-10-01'): Activity[] {
  const dice = seeded(seed);
  const start = Date.parse(`${from}T00:00:00Z`);
  const users = Math.max(3, Math.floor(size / 25));
  const inOrder = Array.from({ length: size }, (_, at): Activity => {
    // Few users do most of it.
    const user = Math.floor(users * dice.next() ** 2);
    const joined = ((user * 7919) % 21) * DAY;
    const name = dice.pick(NAMES);
    const [property, values] = PROPERTIES[name] ?? [];
    const time = new Date(start + joined + Math.floor(dice.next() ** 1.5 * 38 * DAY));
    return {
      tenant: user % 10 === 0 ? 'umbrella' : 'acme',
      arrivedAt: new Date(start + 80 * DAY).toISOString(),
      event: {
        specversion: '1.0',
        id: `a${at}`,
        source: '/app',
        type: 'millrace.activity.v1',
        time: time.toISOString(),
        data: {
          name,
          userId: `user-${user}`,
          ...(property && values && { properties: { [property]: dice.pick(values) } }),
        },
      },
    };
  }).sort((a, b) => (a.event.time < b.event.time ? -1 : 1));
  return asDelivered(inOrder, dice);
}

/** What the three metrics must show, worked out from all events at once. */
export function expected(all: readonly Activity[]): ExpectedCount[] {
  const rows = [...new Map(all.map((one) => [one.event.id, one])).values()].map(
    ({ tenant, event }) => ({
      tenant,
      user: event.data.userId,
      name: event.data.name,
      properties: event.data.properties ?? {},
      at: Date.parse(event.time),
      day: event.time.slice(0, 10),
    }),
  );
  const byUser = [...Map.groupBy(rows, ({ tenant, user }) => `${tenant}/${user}`).values()];
  return tally([
    ...rows.flatMap(propertyOf),
    ...byUser.flatMap(retentionOf),
    ...byUser.flatMap(funnelOf),
  ]);
}

interface Row {
  readonly tenant: string;
  readonly user: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly at: number;
  readonly day: string;
}
type One = Pick<ExpectedCount, 'tenant' | 'metric' | 'day' | 'by'>;

const CLOSED: Record<string, string> = {
  'signed-in': 'password google apple passkey',
  shared: 'link mail message',
  purchase: 'card transfer wallet',
};
const OPEN = ['searched', 'view_product'];

function propertyOf({ tenant, day, name, properties }: Row): One[] {
  const [entry] = Object.entries(properties);
  if (!entry) return [];
  const [property, value] = entry;
  if (OPEN.includes(name))
    return [{ tenant, metric: 'activity.terms', day, by: { name, property } }];
  const listed = (CLOSED[name] ?? '').split(' ').includes(String(value)) ? String(value) : 'other';
  return [{ tenant, metric: 'activity.properties', day, by: { name, property, value: listed } }];
}

function retentionOf(rows: readonly Row[]): One[] {
  const days = [...new Set(rows.map(({ day }) => day))].sort();
  const [cohort] = days;
  if (!cohort || !rows[0]) return [];
  const { tenant } = rows[0];
  return days
    .map((day) => (Date.parse(day) - Date.parse(cohort)) / DAY)
    .filter((offset) => offset <= 30)
    .map((offset) => ({
      tenant,
      metric: 'activity.retention',
      day: cohort,
      by: { cohort, day: String(offset) },
    }));
}

/** Every way through the steps is tried, from the first entry of each day. */
function funnelOf(rows: readonly Row[]): One[] {
  const steps = ['view_product', 'add_to_cart', 'begin_checkout', 'purchase'];
  const entries = Map.groupBy(
    rows.filter(({ name }) => name === steps[0]),
    ({ day }) => day,
  );
  return [...entries].flatMap(([day, views]) => {
    const entered = Math.min(...views.map(({ at }) => at));
    let ends = [entered];
    const reached: One[] = [];
    for (const step of steps) {
      ends = rows
        .filter(({ name, at }) => name === step && at <= entered + 7 * DAY)
        .map(({ at }) => at)
        .filter((at) => (step === steps[0] ? at === entered : ends.some((end) => end <= at)));
      if (ends.length === 0) break;
      const tenant = views[0]?.tenant ?? '';
      reached.push({ tenant, metric: 'activity.funnel', day, by: { funnel: 'checkout', step } });
    }
    return reached;
  });
}

function tally(all: readonly One[]): ExpectedCount[] {
  const groups = Map.groupBy(all, (one) => JSON.stringify(one));
  return [...groups].map(([text, { length }]) => ({
    ...(JSON.parse(text) as One),
    count: length,
    sum: '0',
  }));
}
