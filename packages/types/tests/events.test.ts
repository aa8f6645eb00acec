import { describe, expect, test } from 'vitest';
import { EVENT_TYPES, MillraceEvent, validate } from '../src/index.ts';
import { altered, sampleEvents } from './samples.ts';

describe('events of version 1 stay readable, with all that they say', () => {
  test.each(sampleEvents)('$name', ({ event }) => {
    expect(validate(MillraceEvent, event)).toEqual({ ok: true, value: event });
  });

  test('there is a sample of every type', () => {
    expect(new Set(sampleEvents.map(({ event }) => event.type))).toEqual(new Set(EVENT_TYPES));
  });
});

const long = (length: number) => 'x'.repeat(length);
const line = { sku: 'flour', quantity: 1, unitPrice: 1 };
const names = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, n]));

describe('the limits of a contract are within it', () => {
  test.each<[string, Parameters<typeof altered>[1]]>([
    ['activity', { id: long(256), source: long(1024), subject: long(1024) }],
    ['activity', { time: '2026-11-23T09:41:07Z' }],
    ['activity', { tenant: 'T:en_a.n-t@1' }],
    ['activity', { data: { name: long(128), userId: long(256), properties: { a: long(2048) } } }],
    ['click', { data: { url: long(4096), userAgent: long(1024) } }],
    ['order', { data: { lines: Array(100).fill(line) } }],
    ['order', { data: { lines: [{ ...line, quantity: 1_000_000, unitPrice: 0 }] } }],
    ['log', { data: { message: long(65_536) } }],
    ['post', { data: { text: long(10_000), lang: 'en' } }],
    ['telemetry', { data: { metrics: names(100), usage: { kwh: 1e15 } } }],
    ['document', { data: { documentId: long(128), title: long(512), text: long(100_000) } }],
    ['document', { data: { text: '물'.repeat(33_333) } }],
    ['document', { data: { documentId: 'a:b@c_d.e~f+g=h-i', deleted: true, text: undefined } }],
  ])('%s %#', (name, changes) => {
    expect(validate(MillraceEvent, altered(name, changes))).toMatchObject({ ok: true });
  });
});

describe('what breaks a contract is refused, and told where', () => {
  test.each<[string, Parameters<typeof altered>[1], string]>([
    ['activity', { specversion: '0.3' }, '/specversion'],
    ['activity', { type: 'millrace.activity.v2' }, '/type'],
    ['activity', { id: '' }, '/id'],
    ['activity', { id: undefined }, '/id'],
    ['activity', { id: long(257) }, '/id'],
    ['activity', { source: '' }, '/source'],
    ['activity', { time: '2026-11-23 09:41:07' }, '/time'],
    ['activity', { time: '2026-11-23T09:41:07' }, '/time'],
    ['activity', { time: '2026-02-30T09:41:07Z' }, '/time'],
    ['activity', { time: '9999-12-31T23:59:59-10:00' }, '/time'],
    ['activity', { time: '0000-06-01T00:00:00Z' }, '/time'],
    ['activity', { time: 1_795_426_867 }, '/time'],
    ['activity', { tenant: 'a/b' }, '/tenant'],
    ['activity', { tenant: 'a#b' }, '/tenant'],
    ['activity', { datacontenttype: 'text/xml' }, '/datacontenttype'],
    ['activity', { data: { userId: undefined } }, '/data/userId'],
    ['activity', { data: { properties: { deep: { er: 1 } } } }, '/data/properties/deep'],
    ['click', { data: { visitorId: '' } }, '/data/visitorId'],
    ['click', { data: { action: 'hover' } }, '/data/action'],
    ['click', { data: { url: long(4097) } }, '/data/url'],
    ['order', { data: { lines: [] } }, '/data/lines'],
    ['order', { data: { lines: Array(101).fill(line) } }, '/data/lines'],
    ['order', { data: { lines: [{ ...line, quantity: 0 }] } }, '/data/lines/0/quantity'],
    ['order', { data: { lines: [{ ...line, quantity: 1.5 }] } }, '/data/lines/0/quantity'],
    ['order', { data: { lines: [{ ...line, unitPrice: -1 }] } }, '/data/lines/0/unitPrice'],
    ['order', { data: { currency: 'krw' } }, '/data/currency'],
    [
      'order',
      { data: { lines: Array(100).fill({ ...line, quantity: 1e6, unitPrice: 1e9 }) } },
      '/data/lines',
    ],
    ['order', { data: { status: 'lost' } }, '/data/status'],
    ['log', { data: { level: 'warning' } }, '/data/level'],
    ['log', { data: { message: long(65_537) } }, '/data/message'],
    ['post', { data: { text: long(10_001) } }, '/data/text'],
    ['post', { data: { lang: 'korean!' } }, '/data/lang'],
    ['telemetry', { data: { deviceId: 'a/b' } }, '/data/deviceId'],
    ['telemetry', { data: { deviceId: long(65) } }, '/data/deviceId'],
    ['telemetry', { data: { metrics: names(101) } }, '/data/metrics'],
    ['telemetry', { data: { metrics: { rpm: null } } }, '/data/metrics/rpm'],
    ['telemetry', { data: { metrics: { '1x': 1 } } }, '/data/metrics/1x'],
    ['telemetry', { data: { metrics: { rpm: 2e15 } } }, '/data/metrics/rpm'],
    ['telemetry', { data: { usage: { kwh: -1 } } }, '/data/usage/kwh'],
    ['document', { data: { documentId: 'a#b' } }, '/data/documentId'],
    ['document', { data: { documentId: 'a b' } }, '/data/documentId'],
    ['document', { data: { documentId: 'a/b' } }, '/data/documentId'],
    ['document', { data: { documentId: long(129) } }, '/data/documentId'],
    ['document', { data: { title: undefined } }, '/data/title'],
    ['document', { data: { text: undefined } }, '/data/text'],
    ['document', { data: { text: long(100_001) } }, '/data/text'],
    ['document', { data: { text: '물'.repeat(33_334) } }, '/data/text'],
    ['document', { data: { url: 'javascript:alert(1)' } }, '/data/url'],
    ['document', { data: { deleted: false } }, '/data/deleted'],
  ])('%s %j', (name, changes, path) => {
    const validated = validate(MillraceEvent, altered(name, changes));
    expect(validated.ok ? [] : validated.violations.map((violation) => violation.path)).toContain(
      path,
    );
  });

  test.each([null, 7, 'text', [], {}, { data: {} }])('%j is no event', (input) => {
    expect(validate(MillraceEvent, input).ok).toBe(false);
  });

  test('a name out of Object.prototype is a name like another', () => {
    const hostile = JSON.parse(
      '{"specversion":"1.0","id":"1","source":"s","type":"millrace.activity.v1",' +
        '"time":"2026-11-23T09:41:07Z","data":{"name":"n","userId":"u","properties":{"__proto__":"p"}}}',
    );
    validate(MillraceEvent, hostile);
    expect(({} as Record<string, unknown>).p).toBeUndefined();
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});
