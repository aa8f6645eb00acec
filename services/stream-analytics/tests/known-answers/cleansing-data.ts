import type { MillraceEvent } from '@millrace/types';
import type { Incoming } from '../../src/domain/engine/pipeline.ts';

interface Case {
  readonly type: 'activity' | 'click' | 'log' | 'order' | 'post' | 'telemetry';
  readonly dirty: object;
  /** What is to be in the archive, written by hand; undefined where the event is dropped. */
  readonly clean?: object;
  /** `rule field`, one for each change. */
  readonly changes: readonly string[];
}

/** Pseudonyms are checked for themselves: here they are this. */
export const PSEUDONYM = 'p_someone';

const person = (type: string, field: string) => `pseudonym ${type}.${field}`;
const post = (text: string, clean: string | undefined, ...changes: string[]): Case => ({
  type: 'post',
  dirty: { author: 'kim', text, lang: 'ko' },
  ...(clean !== undefined && { clean: { author: PSEUDONYM, text: clean, lang: 'ko' } }),
  changes: [person('post', 'author'), ...changes.map((change) => `${change} post.text`)],
});
const log = (message: string, clean: string, ...changes: string[]): Case => ({
  type: 'log',
  dirty: { service: 'shop', level: 'info', message },
  clean: { service: 'shop', level: 'info', message: clean },
  changes: changes.map((change) => `${change} log.message`),
});
const reading = (metrics: object, clean: object | undefined, ...changes: string[]): Case => ({
  type: 'telemetry',
  dirty: { deviceId: 'd1', metrics },
  ...(clean && { clean: { deviceId: 'd1', metrics: clean } }),
  changes,
});
const activity = (properties: object, clean: object | undefined, ...changes: string[]): Case => ({
  type: 'activity',
  dirty: { name: 'bought', userId: 'u1', properties },
  ...(clean && { clean: { name: 'bought', userId: PSEUDONYM, properties: clean } }),
  changes: [person('activity', 'userId'), ...changes],
});
const METRICS = 'telemetry.metrics.*';
const PROPERTIES = 'activity.properties.*';

/** Each way in which an event can be dirty, with the answer. */
const CASES: readonly Case[] = [
  post('그냥 글입니다', '그냥 글입니다'),
  post('  공백이   많은 글 ', '공백이 많은 글', 'text_whitespace'),
  post(
    '연락처 010-1234-5678 kim@example.com',
    '연락처 [phone] [email]',
    'mask_email',
    'mask_phone',
  ),
  post('\u1112\u1161\u11ab글', '한글', 'text_nfc'),
  post('\u200b', undefined, 'text_invisible_removed', 'empty_event_dropped'),
  log('paid with 4111 1111 1111 1111', 'paid with [card]', 'mask_card'),
  log('resident 900101-1234567', 'resident [rrn]', 'mask_rrn'),
  log('\u001b[32mok\u001b[0m', 'ok', 'text_ansi_removed'),
  log('GET /?token=abc', 'GET /?token=[secret]', 'mask_secret'),
  log('all well', 'all well'),
  reading({ temperature_f: 212 }, { temperature_c: 100 }, `unit_converted ${METRICS}`),
  reading(
    { speed_mph: 10, humidity: 40 },
    { humidity: 40, speed_ms: 4.4704 },
    `unit_converted ${METRICS}`,
  ),
  reading(
    { humidity: 101 },
    undefined,
    `impossible_value_removed ${METRICS}`,
    'empty_event_dropped telemetry.metrics',
  ),
  reading({ temperature_c: 21.5 }, { temperature_c: 21.5 }),
  activity({ amount: '1,500' }, { amount: 1500 }, `number_in_text ${PROPERTIES}`),
  activity({ email: 'x' }, { email: '[email]' }, `mask_named ${PROPERTIES}`),
  activity({ quantity: -2 }, undefined, 'negative_quantity_dropped activity.properties'),
  {
    type: 'click',
    dirty: { visitorId: 'v1', url: '/reset?token=t' },
    clean: { visitorId: PSEUDONYM, url: '/reset?token=[secret]', action: 'view' },
    changes: [
      person('click', 'visitorId'),
      'mask_web_address click.url',
      'action_repaired click.action',
    ],
  },
  {
    type: 'order',
    dirty: order('c1', ' book '),
    clean: order(PSEUDONYM, 'book'),
    changes: [person('order', 'customerId'), 'text_whitespace order.lines.sku'],
  },
];

function order(customerId: string, sku: string) {
  const lines = [{ sku, quantity: 1, unitPrice: 12_000 }];
  return { orderId: 'o1', customerId, status: 'paid', currency: 'KRW', lines };
}

/** Numbers from 0 to 1, the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const FIRST = Date.parse('2026-11-23T09:40:00Z');

/** Events of two tenants over two hours, one in five told with an offset. The id says the case. */
export function events(seed: number, size: number): Incoming[] {
  const next = numbers(seed);
  return Array.from({ length: size }, (_, n) => {
    const which = Math.floor(next() * CASES.length);
    const at = new Date(FIRST + Math.floor(next() * 7_200_000)).toISOString();
    const { type = 'post', dirty = {} } = CASES[which] ?? {};
    const event = {
      ...{ specversion: '1.0', id: `${which}-${n}`, source: '/known', type: `millrace.${type}.v1` },
      time: next() < 0.2 ? withOffset(at) : at,
      data: dirty,
    };
    const tenant = next() < 0.5 ? 'acme' : 'globex';
    return { event: event as MillraceEvent, tenant, arrivedAt: at };
  });
}

/** The same moment as a clock in Seoul shows it. */
function withOffset(utc: string): string {
  const seoul = new Date(Date.parse(utc) + 9 * 3_600_000).toISOString();
  return seoul.replace('Z', '+09:00');
}

const isTold = (time: string) => !time.endsWith('Z');
const caseOf = (id: string) => CASES[Number(id.split('-')[0])];

/** By hand and by grouping: what is counted of each tenant on the day, and what the archive holds. */
export function expected(all: readonly Incoming[]) {
  const changes: Record<string, number> = {};
  const outcomes: Record<string, number> = {};
  const archived = new Map<string, { time: string; data: object }>();
  for (const { tenant, event } of all) {
    const answer = caseOf(event.id);
    if (!answer) throw new Error(`no case for ${event.id}`);
    const made = [...answer.changes, ...(isTold(event.time) ? ['time_utc time'] : [])];
    for (const change of made) add(changes, `${tenant} ${change}`);
    const outcome = answer.clean === undefined ? 'dropped' : made.length > 0 ? 'changed' : 'clean';
    add(outcomes, `${tenant} ${answer.type} ${outcome}`);
    if (answer.clean) {
      const time = new Date(event.time).toISOString();
      archived.set(`${tenant} ${event.id}`, { time, data: answer.clean });
    }
  }
  return { changes, outcomes, archived };
}

function add(sums: Record<string, number>, name: string): void {
  sums[name] = (sums[name] ?? 0) + 1;
}
