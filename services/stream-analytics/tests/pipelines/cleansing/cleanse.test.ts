import { MillraceEvent, validate } from '@millrace/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IncomingEvent } from '../../../src/domain/incoming-event.ts';
import { cleanse, type Pseudonyms } from '../../../src/pipelines/cleansing/cleanse.ts';
import { cleansing } from '../../../src/pipelines/cleansing/pipeline.ts';
import { settle } from '../../model/settle.ts';
import { dirtyEvents } from './dirty-events.ts';

const asIs: Pseudonyms = (_, text) => text;
const other: Pseudonyms = (tenant, text) => `p_${tenant.length}_${text.length}`;

const event = (type: string, data: object, more: object = {}): IncomingEvent => ({
  tenant: 'acme',
  event: {
    ...{ specversion: '1.0', id: 'e-1', source: '/web', type, data },
    time: '2026-11-23T09:41:07.000Z',
    ...more,
  } as unknown as MillraceEvent,
});

function clean(incoming: IncomingEvent, pseudonyms = asIs) {
  const result = cleanse(incoming, pseudonyms);
  const changes = result.changes.map(({ rule, field }) => `${rule} ${field}`);
  return 'dropped' in result ? { dropped: true, changes } : { event: result.event, changes };
}

describe('a clean event', () => {
  it('comes back as it is', () => {
    const incoming = event('millrace.post.v1', { author: 'a', text: 'Hello 안녕', lang: 'ko' });
    expect(clean(incoming)).toEqual({ event: incoming.event, changes: [] });
  });
});

describe('by declared rules', () => {
  it('times are in UTC to the millisecond, whatever else is kept', () => {
    const more = {
      time: '2026-11-23T18:41:07.1239+09:00',
      subject: ' a ',
      traceid: 'x y',
      odd: {},
    };
    const cleaned = clean(
      event('millrace.log.v1', { service: 's', level: 'info', message: '' }, more),
    );
    expect(cleaned.event).toMatchObject({
      time: '2026-11-23T09:41:07.123Z',
      subject: 'a',
      traceid: 'x y',
    });
    expect(cleaned.event).not.toHaveProperty('odd');
    expect(cleaned.changes.sort()).toEqual([
      'extension_removed extensions.*',
      'text_whitespace subject',
      'time_utc time',
    ]);
  });

  it('readings are in our units, and what cannot be is removed', () => {
    const metrics = { temperature_f: 98.6, speed_mph: 100, humidity: 120, other: 5 };
    expect(clean(event('millrace.telemetry.v1', { deviceId: 'd', metrics }))).toMatchObject({
      event: { data: { metrics: { temperature_c: 37, speed_ms: 44.704, other: 5 } } },
      changes: [
        'impossible_value_removed telemetry.metrics.*',
        'unit_converted telemetry.metrics.*',
        'unit_converted telemetry.metrics.*',
      ],
    });
  });

  it('a value that is there in our unit is not overwritten', () => {
    const metrics = { temperature_f: 50, temperature_c: 11 };
    const cleaned = clean(event('millrace.telemetry.v1', { deviceId: 'd', metrics }));
    expect(cleaned).toMatchObject({ event: { data: { metrics } }, changes: [] });
  });

  it('a reading of nothing that can be is dropped', () => {
    const metrics = { temperature_f: -1000 };
    expect(clean(event('millrace.telemetry.v1', { deviceId: 'd', metrics }))).toEqual({
      dropped: true,
      changes: [
        'unit_converted telemetry.metrics.*',
        'impossible_value_removed telemetry.metrics.*',
        'empty_event_dropped telemetry.metrics',
      ],
    });
  });

  it('missing languages and actions are repaired', () => {
    expect(
      clean(event('millrace.post.v1', { author: 'a', text: '오늘 날씨가 좋네요' })),
    ).toMatchObject({
      event: { data: { lang: 'ko' } },
      changes: ['lang_repaired post.lang'],
    });
    expect(
      clean(event('millrace.post.v1', { author: 'a', text: 'x', lang: 'EN-us' })),
    ).toMatchObject({
      event: { data: { lang: 'en-US' } },
    });
    expect(clean(event('millrace.click.v1', { visitorId: 'v', url: '/' }))).toMatchObject({
      event: { data: { action: 'view' } },
      changes: ['action_repaired click.action'],
    });
  });

  it('amounts and times of properties are values, and what is called an e-mail is masked', () => {
    const properties = {
      amount: '1,234.50',
      opened_at: '2026-11-23T18:41:07+09:00',
      code: '0042',
      customerEmail: 'none of your business',
      apiKey: 'k',
      has_email: true,
      __proto__x: 'a',
      'kim@example.com': 'b',
      'lee@example.com': 'c',
    };
    const cleaned = clean(event('millrace.activity.v1', { name: 'n', userId: 'u', properties }));
    expect(cleaned.event?.data).toMatchObject({
      properties: {
        amount: 1234.5,
        opened_at: '2026-11-23T09:41:07.000Z',
        code: '0042',
        customerEmail: '[email]',
        apiKey: '[secret]',
        has_email: true,
        '[email]': 'b',
        '[email]_2': 'c',
      },
    });
  });

  it('30,000 names that become the same take one pass, and their changes are one count', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 30_000 }, (_, n) => [`a${n}@example.com`, n]),
    );
    const incoming = event('millrace.activity.v1', { name: 'n', userId: 'u', properties });
    const cleaned = clean(incoming).event as { data?: { properties: object } } | undefined;
    expect(Object.entries(cleaned?.data?.properties ?? {}).at(-1)).toEqual([
      '[email]_30000',
      29_999,
    ]);
    const counted: unknown[] = [];
    const count = (...observation: unknown[]) => void counted.push(observation);
    cleansing.apply({ ...incoming, arrivedAt: '' }, { count } as never);
    const by = { rule: 'mask_email', field: 'activity.properties.names' };
    expect(counted).toContainEqual(['cleansing.changes', incoming.event.time, { by }, 30_000]);
  });

  it('names of prototypes are names like others', () => {
    const properties = JSON.parse('{"__proto__":" a ","constructor":"b","toString":"c"}');
    const cleaned = clean(event('millrace.activity.v1', { name: 'n', userId: 'u', properties }));
    expect(JSON.stringify(cleaned.event?.data)).toContain(
      '"properties":{"__proto__":"a","constructor":"b","toString":"c"}',
    );
  });

  it('a negative quantity and a name of nothing are dropped', () => {
    const negative = { name: 'n', userId: 'u', properties: { quantity: '-1' } };
    expect(clean(event('millrace.activity.v1', negative)).changes).toEqual([
      'number_in_text activity.properties.*',
      'negative_quantity_dropped activity.properties',
    ]);
    const empty = { name: '\u200b', userId: 'u' };
    expect(clean(event('millrace.activity.v1', empty))).toMatchObject({ dropped: true });
  });

  it('persons get pseudonyms after their names are normalised', () => {
    const pseudonyms: Pseudonyms = (tenant, text) => `${tenant}:${text}`;
    const order = { orderId: 'o', customerId: ' c ', status: 'paid', currency: 'KRW' };
    const lines = [{ sku: ' s', quantity: 1, unitPrice: 1 }];
    expect(clean(event('millrace.order.v1', { ...order, lines }), pseudonyms)).toMatchObject({
      event: { data: { customerId: 'acme:c', lines: [{ sku: 's', quantity: 1, unitPrice: 1 }] } },
      changes: [
        'text_whitespace order.customerId',
        'pseudonym order.customerId',
        'text_whitespace order.lines.sku',
      ],
    });
  });
});

describe('whatever comes', () => {
  it('is an event like those that passed the border, and clean: cleansing it again changes nothing', () => {
    fc.assert(
      fc.property(dirtyEvents, ([incoming]) => {
        if (!incoming) return;
        const first = cleanse(incoming, asIs);
        if ('dropped' in first) return;
        expect(validate(MillraceEvent, first.event)).toMatchObject({ ok: true });
        const second = cleanse({ tenant: incoming.tenant, event: first.event }, asIs);
        expect(second.changes).toEqual([]);
        expect(second).toEqual({ event: first.event, changes: [] });
      }),
      { numRuns: 1_000 },
    );
  });

  it('is changed alike whatever persons are called', () => {
    fc.assert(
      fc.property(dirtyEvents, ([incoming]) => {
        if (!incoming) return;
        const named = cleanse(incoming, other);
        const changes = named.changes.filter(({ rule }) => rule !== 'pseudonym');
        expect(changes).toEqual(cleanse(incoming, asIs).changes);
      }),
    );
  });

  it('is counted alike in any order and however often', () => {
    fc.assert(
      fc.property(
        dirtyEvents.chain((events) =>
          fc.tuple(
            fc.constant(events),
            fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
          ),
        ),
        ([events, disordered]) => {
          const arrived = (some: readonly IncomingEvent[]) =>
            some.map((one) => ({ ...one, arrivedAt: '2026-11-23T09:42:00.000Z' }));
          expect(settle(cleansing, arrived(disordered)).counts).toEqual(
            settle(cleansing, arrived(events)).counts,
          );
        },
      ),
    );
  });
});
