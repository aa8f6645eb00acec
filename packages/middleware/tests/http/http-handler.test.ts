import { METRICS, PROBLEMS, Problem, ProblemError, ROUTES, validate } from '@millrace/types';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { TransientError } from '../../src/errors.ts';
import { ExactNumber } from '../../src/http/answer.ts';
import { answerRequest, type HttpHandlerOptions } from '../../src/http/http-handler.ts';
import type { Operations } from '../../src/http/operations.ts';
import { logger } from '../../src/logging.ts';
import { httpEvent, type RequestOptions } from './events.ts';

const invocation = {
  requestId: 'invocation-1',
  functionName: 'test',
  logger,
  remainingMs: () => 30_000,
};
const tenant = 'acme';
const verifyToken: HttpHandlerOptions['verifyToken'] = async () => ({ userId: 'user', tenant });

const answer = async (request: RequestOptions, operations: Operations = {}) => {
  const answered = await answerRequest({ operations, verifyToken }, httpEvent(request), invocation);
  const { body } = answered;
  const isJson = body !== undefined && answered.headers['content-type']?.endsWith('json');
  return { ...answered, json: isJson ? JSON.parse(body) : undefined };
};
const health = {
  getHealth: async () => ({ body: { status: 'ok' as const, service: 's', stage: 't' } }),
};

describe('an answer', () => {
  it('is what the operation gives, with the status of the contract', async () => {
    const answered = await answer({ routeKey: 'GET /v1/health' }, health);
    expect(answered).toMatchObject({ statusCode: 200, json: { status: 'ok' } });
  });
  it('has no body where the contract has none', async () => {
    const operations: Operations = { deleteFile: async () => ({ body: undefined }) };
    const answered = await answer(
      { routeKey: 'DELETE /v1/files/{id}', params: { id: 'f' } },
      operations,
    );
    expect(answered.statusCode).toBe(204);
    expect(answered.body).toBeUndefined();
  });
  it('is text of its media type where the contract says so', async () => {
    const operations: Operations = { getPlaylist: async () => ({ body: '#EXTM3U\n' }) };
    const event = httpEvent({
      routeKey: 'GET /v1/files/{id}/hls/{playlist}',
      params: { id: 'f', playlist: 'master.m3u8' },
    });
    const answered = await answerRequest({ operations, verifyToken }, event, invocation);
    expect(answered).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'application/vnd.apple.mpegurl', 'cache-control': 'no-store' },
      body: '#EXTM3U\n',
    });
  });
  it('writes exact numbers with all their digits', async () => {
    const sum = new ExactNumber('12345678901234567890.000000000000000001');
    const operations: Operations = {
      getMetric: async ({ params, query: { from, to, interval = '1m' } }) => ({
        body: { name: params.name, from, to, interval, count: 1, sum, series: [] },
      }),
    };
    const { body } = await answer(
      {
        routeKey: 'GET /v1/metrics/{name}',
        params: { name: Object.keys(METRICS)[0] ?? '' },
        query: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' },
      },
      operations,
    );
    expect(body).toContain('"sum":12345678901234567890.000000000000000001');
  });
  it.each(['1e', '', '"1"', '[1]', 'true', 'NaN'])('refuses %j as an exact number', (text) => {
    expect(() => new ExactNumber(text)).toThrow(SyntaxError);
  });
});

describe('the correlation id', () => {
  const correlation = async (header?: string) => {
    const headers: Record<string, string> =
      header === undefined ? {} : { 'x-correlation-id': header };
    return (await answer({ routeKey: 'GET /v1/health', headers }, health)).headers[
      'x-correlation-id'
    ];
  };
  it("is the caller's where it is sane", async () => {
    expect(await correlation('order-7:attempt.2')).toBe('order-7:attempt.2');
  });
  it.each([undefined, '', 'a b', 'a\r\nset-cookie: x', 'x'.repeat(129), 'é'])(
    "is the invocation's instead of %j",
    async (header) => {
      expect(await correlation(header)).toBe('invocation-1');
    },
  );
});

describe('what an operation is asked', () => {
  it('is decoded by the contract: defaults are filled in, what is unknown is dropped', async () => {
    const list = vi.fn(async (_request: unknown) => ({ body: { items: [] } }));
    await answer(
      { routeKey: 'GET /v1/files', query: { limit: '7', other: 'x' } },
      { listFiles: list },
    );
    await answer({ routeKey: 'GET /v1/files' }, { listFiles: list });
    expect(list.mock.calls.map(([request]) => request)).toMatchObject([
      { query: { limit: 7 }, caller: { tenant } },
      { query: { limit: 25 } },
    ]);
    expect(list.mock.calls[0]?.[0]).not.toHaveProperty('query.other');
  });
  it.each([
    ['limit', '0'],
    ['limit', '101'],
    ['limit', '1,2'],
    ['limit', '1.5'],
    ['cursor', 'x'.repeat(2049)],
  ])('refuses ?%s=%s and says which it was', async (name, value) => {
    const { statusCode, json } = await answer(
      { routeKey: 'GET /v1/files', query: { [name]: value } },
      { listFiles: async () => ({ body: { items: [] } }) },
    );
    expect({ statusCode, json }).toMatchObject({
      statusCode: 400,
      json: { code: 'invalid_request', violations: [{ path: `?${name}` }] },
    });
  });
  it.each([
    ['missing', undefined, 'idempotency_key_missing'],
    ['empty', '', 'invalid_request'],
    ['with a space', 'a b', 'invalid_request'],
    ['too long', 'k'.repeat(256), 'invalid_request'],
  ])('refuses an Idempotency-Key that is %s', async (_name, key, code) => {
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
    const place = vi.fn();
    const { json } = await answer(
      { routeKey: 'POST /v1/orders', headers, body: '{}' },
      { placeOrder: place },
    );
    expect(json).toMatchObject({ code });
    expect(place).not.toHaveBeenCalled();
  });
});

describe('what is not there', () => {
  it('is told with the methods that are', async () => {
    const put = await answer({ routeKey: '$default', path: '/v1/files/abc' });
    expect(put).toMatchObject({ statusCode: 405, headers: { allow: 'GET, DELETE' } });
  });
  it.each([
    '/',
    '/v2/files',
    '/v1/files/a/b',
    '/openapi.jsonx',
    '/openapiXjson',
    '/v1/%2e%2e/health',
  ])('is not found: %s', async (path) => {
    expect(await answer({ routeKey: '$default', path })).toMatchObject({
      statusCode: 404,
      json: { code: 'route_not_found' },
    });
  });
  it('includes operations that another function serves', async () => {
    expect(await answer({ routeKey: 'GET /v1/orders', path: '/v1/orders' })).toMatchObject({
      statusCode: 405,
    });
  });
});

describe('an error', () => {
  const failing = (error: unknown) =>
    answer({ routeKey: 'GET /v1/health' }, { getHealth: () => Promise.reject(error) });

  it('of the caller is a problem document with its headers', async () => {
    const { statusCode, headers, json } = await failing(
      new ProblemError('request_in_progress', 'Wait.', { retryAfterSeconds: 1 }),
    );
    expect({ statusCode, headers }).toMatchObject({
      statusCode: 409,
      headers: { 'content-type': 'application/problem+json', 'retry-after': '1' },
    });
    expect(validate(Problem, json).ok).toBe(true);
    expect(json.instance).toBe(headers['x-correlation-id']);
  });
  it.each([
    ['a bug', new TypeError('secret of undefined'), 500],
    ['a thrown text', 'secret', 500],
    ['a refused right', Object.assign(new Error('secret'), { name: 'AccessDeniedException' }), 500],
    ['our own transient error', new TransientError('x', 'secret'), 503],
    ['a throttle', Object.assign(new Error('secret'), { name: 'ThrottlingException' }), 503],
    ['a broken connection', Object.assign(new Error('secret'), { code: 'ECONNRESET' }), 503],
    [
      'a 5xx of AWS',
      Object.assign(new Error('secret'), { $metadata: { httpStatusCode: 500 } }),
      503,
    ],
  ])('like %s tells nothing of the inside', async (_name, error, status) => {
    const { statusCode, headers, body } = await failing(error);
    expect(statusCode).toBe(status);
    expect(body).not.toContain('secret');
    expect(headers['retry-after']).toBe(status === 503 ? '1' : undefined);
  });
});

it('never answers random requests with a 5xx or with anything undocumented', async () => {
  const operations = Object.fromEntries(
    ROUTES.map(({ operationId, success }) => [
      operationId,
      async () => ({ body: 'mediaType' in success ? 'text' : {} }),
    ]),
  ) as unknown as Operations;
  const key = fc.string({ unit: 'binary', maxLength: 300 });
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.json().map((json) => json.slice(0, -1)),
    fc.constantFrom('__proto__', '{"__proto__":{"x":1}}', '[[{}]]', 'null', '{"lines":[null]}'),
  );
  const requests = fc.record({
    routeKey: fc.constantFrom(...ROUTES.map(({ method, path }) => `${method} /v1${path}`)),
    params: fc.record({ id: key, name: key }),
    query: fc.dictionary(
      fc.constantFrom('limit', 'cursor', 'from', 'to', 'interval', 'groupBy'),
      key,
    ),
    headers: fc.dictionary(
      fc.constantFrom('content-type', 'idempotency-key', 'x-correlation-id'),
      fc.oneof(key, fc.constant('application/json')),
    ),
    body: text,
    base64: fc.boolean(),
  });
  const codes = new Set(Object.keys(PROBLEMS));
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      const { statusCode, json } = await answer(request, operations);
      expect(statusCode).toBeLessThan(500);
      if (statusCode >= 400) {
        expect(validate(Problem, json).ok).toBe(true);
        expect(codes).toContain(json.code);
      }
    }),
    { numRuns: 1000 },
  );
});
