import type { IncomingEvent } from '../../src/domain/incoming-event.ts';

/** A record of the stream that no producer of ours sends, and what is to become of it. */
export interface BadRecord {
  readonly name: string;
  readonly data: Buffer;
  /** Why `countEvents` and `archiveEvents` put it aside; undefined: it is an event, and counted. */
  readonly code?: string;
  /** Functions that take only some types and put this one aside as well. */
  readonly alsoBy?: readonly ('projectOrders' | 'indexDocuments')[];
}

export const MIB = 1024 * 1024;

const envelope = (id: string) => ({
  ...{ specversion: '1.0', id, source: '/bad', time: '2026-11-23T09:41:07Z', tenant: 'acme' },
});
const click = { type: 'millrace.click.v1', data: { visitorId: 'v1', url: '/' } };
const activity = (properties: object) => ({
  type: 'millrace.activity.v1',
  data: { name: 'bought', userId: 'u1', properties },
});
const telemetry = (data: object) => ({
  type: 'millrace.telemetry.v1',
  data: { deviceId: 'd1', metrics: {}, ...data },
});

const text = (name: string, content: string | Buffer, code: string): BadRecord => ({
  name,
  data: Buffer.from(content),
  code,
});
const event = (name: string, parts: object, code?: string): BadRecord => ({
  name,
  data: Buffer.from(JSON.stringify({ ...envelope(name), ...parts })),
  ...(code !== undefined && { code }),
});
/** With text where JSON has no word for it. */
const written = (
  name: string,
  parts: object,
  mark: string,
  by: string,
  code?: string,
): BadRecord => ({
  ...event(name, parts, code),
  data: Buffer.from(JSON.stringify({ ...envelope(name), ...parts }).replace(`"${mark}"`, by)),
});
const also = (record: BadRecord, ...alsoBy: NonNullable<BadRecord['alsoBy']>): BadRecord => ({
  ...record,
  alsoBy,
});

const names = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, n]));
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

const NOT_JSON = 'event_not_json';
const INVALID = 'event_invalid';
const OUT_OF_RANGE = 'event_time_out_of_range';
const order = {
  type: 'millrace.order.v1',
  data: {
    ...{ orderId: 'bad', customerId: 'c1', status: 'placed', currency: 'KRW' },
    lines: [{ sku: 's', quantity: 1, unitPrice: 1 }],
  },
};

export const BAD_RECORDS: readonly BadRecord[] = [
  text('cut off', '{"specversion":', NOT_JSON),
  text('no UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), NOT_JSON),
  text('one byte', Buffer.from([0]), NOT_JSON),
  text('1 MiB of something', 'x'.repeat(MIB - 64), NOT_JSON),
  text('a list', '[]', INVALID),
  text('nothing', 'null', INVALID),
  text('a text', '"millrace.click.v1"', INVALID),
  text('a prototype', '{"__proto__":{"type":"millrace.click.v1"}}', INVALID),
  event('wrong version', { ...click, specversion: '0.3' }, INVALID),
  event('version to come', { ...click, type: 'millrace.click.v2' }, INVALID),
  event('unknown type', { ...click, type: 'com.example.thing' }, INVALID),
  event('type of a prototype', { ...click, type: 'constructor' }, INVALID),
  event('no time', { ...click, time: 'yesterday' }, INVALID),
  event('year 10000', { ...click, time: '9999-12-31T23:59:59-01:00' }, INVALID),
  event('1970', { ...click, time: '1970-01-01T00:00:00Z' }, OUT_OF_RANGE),
  event('2999', { ...click, time: '2999-01-01T00:00:00Z' }, OUT_OF_RANGE),
  also(
    event('order of 1970', { ...order, time: '1970-01-01T00:00:00Z' }, OUT_OF_RANGE),
    'projectOrders',
  ),
  also(
    event('order of nothing', { ...order, data: { ...order.data, lines: [] } }, INVALID),
    'projectOrders',
  ),
  also(
    event(
      'document without a text',
      { type: 'millrace.document.v1', data: { documentId: 'd', title: 't' } },
      INVALID,
    ),
    'indexDocuments',
  ),
  written('NaN', telemetry({ metrics: { t: '?' } }), '?', 'NaN', NOT_JSON),
  written('Infinity', telemetry({ metrics: { t: '?' } }), '?', '-Infinity', NOT_JSON),
  written('too large for a double', telemetry({ metrics: { t: '?' } }), '?', '1e999', INVALID),
  event('NaN as a text', telemetry({ metrics: { t: 'NaN' } }), INVALID),
  event('negative usage', telemetry({ usage: { kwh: -1 } }), INVALID),
  event('10,000 metrics', telemetry({ metrics: names(10_000) }), INVALID),
  event(
    'name of 100 kB',
    { ...activity({}), data: { name: 'n'.repeat(100_000), userId: 'u1' } },
    INVALID,
  ),
  event(
    '1 MiB of a text',
    { type: 'millrace.post.v1', data: { author: 'a', text: '가'.repeat(340_000) } },
    INVALID,
  ),
  written('deep in the data', activity({ p: '?' }), '?', nested(100_000), INVALID),
  text('deep by itself', nested(200_000), INVALID),

  // What looks bad but is an event.
  event(
    'name of a prototype for a metric',
    telemetry({ metrics: JSON.parse('{"__proto__":1,"t":1}') }),
  ),
  event('unknown fields', { ...click, traceparent: 'x', data: { ...click.data, more: { a: 1 } } }),
  written('deep in an unknown field', { ...click, odd: '?' }, '?', nested(100_000)),
  event(
    '1 MiB of properties',
    activity(
      Object.fromEntries(Array.from({ length: 480 }, (_, n) => [`p${n}`, 'x'.repeat(2_048)])),
    ),
  ),
  event('20,000 properties', activity(names(20_000))),
  event(
    'names of prototypes',
    activity(JSON.parse('{"__proto__":"a","constructor":"b","toString":1,"hasOwnProperty":null}')),
  ),
  event('NUL and controls', activity({ 'a\u0000b': '\u0000\u0001\u007f\u0085' })),
  event('half a character', activity({ 'a\ud800': '\udfff' })),
  event('from right to left', activity({ '\u202eevil': '\u2067שלום\u2069 \u200f' })),
  event('SQL and HTML', activity({ "'; DROP TABLE metrics; --": '<script>alert(1)</script>' })),
  {
    ...event('id of hostile characters', click),
    data: Buffer.from(JSON.stringify({ ...envelope('\u0000\ud800\u202e#/../"\n'), ...click })),
  },
];

/** The events among them, as they pass the border: a metric called as a prototype is left out. */
export const COUNTED_RECORDS: readonly IncomingEvent[] = BAD_RECORDS.filter(
  ({ code }) => code === undefined,
).map(({ data }) => {
  const event = JSON.parse(data.toString('utf8'));
  if (event.data.metrics) Reflect.deleteProperty(event.data.metrics, '__proto__');
  return { event, tenant: 'acme' };
});
