import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson, readEvent } from '../../src/domain/incoming-event.ts';

const click = {
  specversion: '1.0',
  id: '1',
  source: '/web',
  type: 'millrace.click.v1',
  time: '2026-11-23T09:41:07Z',
  data: { visitorId: 'v1', url: '/' },
};

test('an event without a tenant belongs to the default tenant', () => {
  expect(readEvent(click).tenant).toBe('default');
  expect(readEvent({ ...click, tenant: 'acme' }).tenant).toBe('acme');
});

test('a mark before the text is passed over, and a replacement character that was sent stays', () => {
  expect(parseJson(Buffer.from('\ufeff{"id":"\ufffd"}'))).toEqual({ id: '\ufffd' });
  expect(parseJson(new TextEncoder().encode('"한글"'))).toBe('한글');
});

test('a record is text if and only if it is UTF-8', () => {
  const strict = new TextDecoder('utf-8', { fatal: true });
  const anyBytes = fc.uint8Array({ maxLength: 6 });
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), anyBytes, (text, some) => {
      const data = Buffer.from([
        0x22,
        ...Buffer.from(text.replace(/["\\\p{Cc}]/gu, '')),
        ...some,
        0x22,
      ]);
      const expected = outcomeOf(() => JSON.parse(strict.decode(data)));
      expect(outcomeOf(() => parseJson(data))).toEqual(expected);
    }),
  );
});

function outcomeOf(read: () => unknown): unknown {
  try {
    return { value: read() };
  } catch {
    return 'refused';
  }
}

describe('a record is refused for good when', () => {
  test.each([
    ['it is not JSON', Buffer.from('{"id":')],
    ['it is empty', Buffer.alloc(0)],
    ['it is not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
  ])('%s', (_, data) => {
    expect(() => parseJson(data)).toThrow(expect.objectContaining({ code: 'event_not_json' }));
  });

  test.each([
    ['it is no object', 7, 'event_invalid'],
    ['its type is unknown', { ...click, type: 'millrace.other.v1' }, 'event_invalid'],
    ['its time is no time', { ...click, time: 'yesterday' }, 'event_invalid'],
    ['its day does not exist', { ...click, time: '2026-02-30T00:00:00Z' }, 'event_invalid'],
    [
      'its minute lies beyond the year 9999',
      { ...click, time: '9999-12-31T23:59:59-14:00' },
      'event_invalid',
    ],
    ['its tenant could break a key', { ...click, tenant: 'a#b' }, 'event_invalid'],
    ['its data are wrong', { ...click, data: { url: '/' } }, 'event_invalid'],
  ])('%s', (_, input, code) => {
    expect(() => readEvent(input)).toThrow(
      expect.objectContaining({ name: 'PermanentError', code }),
    );
  });
});
