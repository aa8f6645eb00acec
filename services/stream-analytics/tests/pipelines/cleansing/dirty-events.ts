import { LOG_LEVELS, type MillraceEvent } from '@millrace/types';
import fc from 'fast-check';
import type { IncomingEvent } from '../../../src/domain/incoming-event.ts';

/** Pieces of which dirty texts are made, the more the merrier. */
const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom(
    ...['kim@example.com', '010-1234-5678', '4111 1111 1111 1111', '900101-1234567', 'token=x'],
    ...['\u200b', '\u200d', '\u200c', '\u202e', '\ufeff', '\u0301', '\ud800', '\udc00', '\u0000'],
    ...[' ', '  ', '\n', '\r\n', '\t', '\u00a0', '\u0085', '👩', '🏽', '\ufe0f', 'क्', 'ش', '한'],
    ...[
      '@',
      '+',
      '(',
      '-',
      '.',
      '0',
      '82',
      '1,234.5',
      'eyJ',
      '\u001b[',
      '31m',
      '%',
      '%40',
      '=',
      '?',
    ],
    ...['__proto__', 'email', 'password', '[email]', 'Bearer abcdefgh', '１', '＠', 'ﬁ', 'क़'],
  ),
);
const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
const name = text.filter((one) => one.length > 0 && one.length <= 128);
const scalar = fc.oneof(
  text,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(4_111_111_111_111_111, 9_001_011_234_568, -1),
  fc.boolean(),
  fc.constant(null),
);
const propertyName = fc.oneof(name, fc.constantFrom('amount', 'at', 'email', 'quantity'));
const properties = fc
  .array(fc.tuple(propertyName, scalar), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries));
const value = fc.double({ min: -1e15, max: 1e15, noNaN: true });
const quantity = fc.double({ min: 0, max: 1e15, noNaN: true });
const meter = fc.constantFrom(
  'temperature_f',
  'temperature_c',
  'speed_mph',
  'distance_mi',
  'humidity',
  'x',
);

const typed = <T extends string>(type: T, data: fc.Arbitrary<object>) =>
  fc.record({ type: fc.constant(type), data });

const body = fc.oneof(
  typed('millrace.activity.v1', fc.record({ name, userId: name, properties })),
  typed(
    'millrace.click.v1',
    fc.record(
      { visitorId: name, url: name, referrer: text, userAgent: text, action: fc.constant('view') },
      { requiredKeys: ['visitorId', 'url'] },
    ),
  ),
  typed(
    'millrace.log.v1',
    fc.record({
      service: name,
      level: fc.constantFrom(...LOG_LEVELS),
      message: text,
      fields: properties,
    }),
  ),
  typed(
    'millrace.post.v1',
    fc.record(
      { author: name, text, lang: fc.constantFrom('ko', 'EN-us', 'zh-hant-TW', 'abc-12') },
      { requiredKeys: ['author', 'text'] },
    ),
  ),
  typed(
    'millrace.telemetry.v1',
    fc.record({
      deviceId: fc.constant('d1'),
      metrics: fc.dictionary(meter, value),
      usage: fc.dictionary(meter, quantity),
    }),
  ),
);
const envelope = fc.record(
  {
    specversion: fc.constant('1.0'),
    id: fc.integer({ min: 0, max: 1_000 }).map(String),
    source: name,
    time: fc.constantFrom('2026-11-23T09:41:00Z', '2026-11-23T18:41:30.1234567+09:00'),
    subject: name,
    traceparent: text,
  },
  { requiredKeys: ['specversion', 'id', 'source', 'time'] },
);

/** Events that pass the border, of the worst texts that do; no two with the same identity. */
export const dirtyEvents: fc.Arbitrary<IncomingEvent[]> = fc.uniqueArray(
  fc.record({ envelope, body, tenant: fc.constantFrom('acme', 'default') }).map(
    (parts): IncomingEvent => ({
      tenant: parts.tenant,
      event: { ...parts.envelope, ...parts.body } as unknown as MillraceEvent,
    }),
  ),
  {
    selector: ({ tenant, event }) => `${tenant} ${event.source} ${event.id}`,
    minLength: 1,
    maxLength: 10,
  },
);
