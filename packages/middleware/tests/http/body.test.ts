import { ProblemError, ROUTES } from '@millrace/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBody, depthOf, MAX_DEPTH } from '../../src/http/body.ts';
import { httpEvent } from './events.ts';

const contractOf = (id: string) => {
  const route = ROUTES.find(({ operationId }) => operationId === id);
  if (route === undefined) throw new Error(id);
  return route;
};
const decode = (body: string, type?: string, operation = 'placeOrder', base64 = false) =>
  decodeBody(
    httpEvent({ routeKey: 'x', body, base64, headers: type ? { 'content-type': type } : {} }),
    contractOf(operation),
  );
const codeOf = (attempt: () => unknown) => {
  try {
    attempt();
  } catch (error) {
    if (error instanceof ProblemError) return error.code;
    throw error;
  }
  return 'accepted';
};

describe('the body of a request', () => {
  it('comes back as the JSON that was sent, plain or in base64', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 10 }), fc.boolean(), (value, base64) => {
        const text = JSON.stringify(value);
        const sent = base64 ? Buffer.from(text).toString('base64') : text;
        expect(decode(sent, 'application/json', 'placeOrder', base64)).toEqual(JSON.parse(text));
      }),
    );
  });
  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
  ])('is taken as %s', (type) => {
    expect(decode('{}', type)).toEqual({});
  });
  it.each(['text/plain', 'application/xml', 'application/json; charset=latin1', 'json', ''])(
    'is refused as %j',
    (type) => {
      const event = httpEvent({ routeKey: 'x', body: '{}', headers: { 'content-type': type } });
      expect(codeOf(() => decodeBody(event, contractOf('placeOrder')))).toBe(
        'unsupported_media_type',
      );
    },
  );
  it.each(['', '   ', '{', '[1,]', 'nul', '{"a":1}}', '\u0000', '"\n"'])(
    '%j is malformed',
    (text) => {
      expect(codeOf(() => decode(text))).toBe('malformed_json');
    },
  );
  it('is malformed where it is not UTF-8', () => {
    const bytes = Buffer.from([0x22, 0xff, 0x22]).toString('base64');
    expect(codeOf(() => decode(bytes, undefined, 'placeOrder', true))).toBe('malformed_json');
  });
  it('is malformed where a string is half a character', () => {
    expect(codeOf(() => decode('{"a":["\\ud83d"]}'))).toBe('malformed_json');
    expect(codeOf(() => decode('{"\\uDE00":1}'))).toBe('malformed_json');
    expect(decode('{"a":"\\ud83d\\ude00"}')).toEqual({ a: '😀' });
  });
  it('may nest as deep as the limit and no deeper', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(codeOf(() => decode(nested(MAX_DEPTH)))).toBe('accepted');
    expect(codeOf(() => decode(nested(MAX_DEPTH + 1)))).toBe('malformed_json');
    expect(codeOf(() => decode('['.repeat(500_000)))).toBe('malformed_json');
  });
  it('is refused beyond its size, counted in bytes after base64', () => {
    const text = JSON.stringify('é'.repeat(600_000));
    expect(codeOf(() => decode(text))).toBe('payload_too_large');
    expect(codeOf(() => decode(text, undefined, 'sendEvents'))).toBe('accepted');
    const large = Buffer.alloc(5 * 1024 * 1024 + 1, 0x20).toString('base64');
    expect(codeOf(() => decode(large, undefined, 'sendEvents', true))).toBe('payload_too_large');
  });
  it('of one event by itself is a batch of one', () => {
    expect(decode('{"id":"1"}', 'application/cloudevents+json', 'sendEvents')).toEqual([
      { id: '1' },
    ]);
    expect(decode('[1]', 'application/cloudevents-batch+json', 'sendEvents')).toEqual([1]);
  });
});

it('counts nesting as a parser would', () => {
  const depthByParsing = (value: unknown): number =>
    typeof value === 'object' && value !== null
      ? 1 + Math.max(0, ...Object.values(value).map(depthByParsing))
      : 0;
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      expect(depthOf(JSON.stringify(value))).toBe(depthByParsing(value));
    }),
  );
});
