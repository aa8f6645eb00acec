import type { EventOf, MillraceEvent } from '@millrace/types';
import { decide } from '../../../services/stream-analytics/src/pipelines/logs/decide.ts';
import { BOT } from '../generator/people.ts';
import { counterName, type Totals, type Window } from './totals.ts';

/**
 * The metrics that are held against the soak's own sums, and the dimensions by which they are: what is
 * the service's own to say (a browser's name, a language, a sentiment) is added up.
 */
export const COMPARED: Readonly<Record<string, readonly string[]>> = {
  activity: ['name'],
  'activity.users': [],
  'activity.properties': ['name', 'property', 'value'],
  'activity.terms': ['name', 'property'],
  'activity.retention': ['cohort', 'day'],
  click: ['action'],
  'clicks.pages': ['page'],
  'clicks.bots': [],
  'clicks.sessions': [],
  'clicks.bounces': [],
  'clicks.durations': [],
  'clicks.entries': [],
  'clicks.exits': [],
  'clicks.sources': [],
  order: ['currency', 'status'],
  'orders.revenue': ['currency', 'sku'],
  'orders.units': ['currency', 'sku'],
  'orders.refunds': ['currency', 'sku'],
  log: ['service', 'level'],
  'logs.decisions': ['service', 'decision'],
  post: ['lang'],
  'posts.sentiment': [],
  'posts.hashtags': [],
  'posts.mentions': [],
  document: ['change'],
  telemetry: ['deviceId'],
  'telemetry.metric': ['deviceId', 'metric'],
  'telemetry.usage': ['deviceId', 'meter'],
  'cleansing.events': ['type'],
};

/** Of these only the count: the sum is a judgement. */
export const COUNTED_ONLY: ReadonlySet<string> = new Set(['posts.sentiment']);

const ALL: readonly Window[] = ['1m', '1h', '1d'];
const LONG: readonly Window[] = ['1h', '1d'];

/** Adds what one event counts, where that follows from the event alone. */
export function addCounters(totals: Totals, event: MillraceEvent, tenant: string): void {
  const add = (
    metric: string,
    windows: readonly Window[],
    by: readonly string[] = [],
    value = 0,
  ) => {
    for (const window of windows) {
      totals.add(counterName(tenant, metric, window, event.time, by), 1, Math.round(value * 1000));
    }
  };
  add('cleansing.events', ALL, [event.type.split('.')[1] ?? '']);
  switch (event.type) {
    case 'millrace.activity.v1':
      addActivity(event.data, add);
      return;
    case 'millrace.click.v1':
      addClick(event.data, add);
      return;
    case 'millrace.order.v1': {
      const { currency, status, lines } = event.data;
      const total = lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);
      add('order', ALL, [currency, status], total);
      return;
    }
    case 'millrace.log.v1': {
      const { service, level } = event.data;
      add('log', ALL, [service, level]);
      add('logs.decisions', ALL, [service, decide(event, tenant).decision]);
      return;
    }
    case 'millrace.post.v1': {
      add('post', ALL, [event.data.lang ?? 'und']);
      add('posts.sentiment', ALL);
      add('posts.hashtags', LONG);
      if (event.data.text.includes('@')) add('posts.mentions', LONG);
      return;
    }
    case 'millrace.document.v1':
      add('document', ALL, [event.data.deleted ? 'deleted' : 'written']);
      return;
    case 'millrace.telemetry.v1': {
      const { deviceId, metrics, usage = {} } = event.data;
      add('telemetry', ['1m'], [deviceId]);
      for (const [metric, value] of Object.entries(metrics)) {
        add('telemetry.metric', ['1m'], [deviceId, metric], value);
      }
      for (const [meter, value] of Object.entries(usage)) {
        add('telemetry.usage', ['1m'], [deviceId, meter], value);
      }
    }
  }
}

type Add = (metric: string, windows: readonly Window[], by?: readonly string[]) => void;

function addActivity({ name, properties = {} }: EventOf<'millrace.activity.v1'>['data'], add: Add) {
  add('activity', ALL, [name]);
  add('activity.users', ['1d']);
  if (name === 'signed-in') {
    const method = String(properties.method);
    const listed = method === 'carrier pigeon' ? 'other' : method;
    add('activity.properties', LONG, [name, 'method', listed]);
  }
  if (name === 'purchase') add('activity.properties', LONG, [name, 'payment', 'card']);
  if (name === 'searched') add('activity.terms', ['1d'], [name, 'query']);
}

function addClick(
  { action = 'view', url, userAgent }: EventOf<'millrace.click.v1'>['data'],
  add: Add,
) {
  add('click', ALL, [action]);
  if (userAgent === BOT) add('clicks.bots', LONG);
  else if (action === 'view') add('clicks.pages', LONG, [url.replace('https://shop.example', '')]);
}
