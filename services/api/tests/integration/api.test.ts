import { createHmac, randomBytes } from 'node:crypto';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import { Problem, ROUTES, validate } from '@millrace/types';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Caller, callerWith } from '../support/http-client.ts';
import { type Tokens, usersOf } from '../support/users.ts';

const stack = testStack('stream-analytics', 'file-processing', 'iot-ingest', 'api');
const users = usersOf(stack);
const s3 = stack.client(S3Client);
let tokens: Tokens;
let acme: Caller;
let other: Caller;

beforeAll(async () => {
  tokens = await users.signIn('jane@example.com', 'acme');
  acme = callerWith(stack.apiUrl, tokens.idToken);
  other = callerWith(stack.apiUrl, (await users.signIn('joe@example.com')).idToken);
});

const codeOf = (answer: Answer) => `${answer.status} ${answer.at('code')}`;
/** As a real client would, for each path of the contract. */
const pathOf = (path: string) => `/v1${path.replace(/\{\w+\}/g, 'x')}`;

describe('whoever is not signed in', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const parts = () => tokens.idToken.split('.');
  const wrong: [string, () => string | undefined, string][] = [
    ['no token', () => undefined, 'unauthenticated'],
    ['alg none', () => `${encode({ alg: 'none' })}.${parts()[1]}.`, 'invalid_token'],
    [
      'a changed tenant',
      () => {
        const [header, payload = '', signature] = parts();
        const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
        return `${header}.${encode({ ...claims, 'custom:tenant': 'victim' })}.${signature}`;
      },
      'invalid_token',
    ],
    [
      'a signature of their own',
      () => {
        const [header, payload] = parts();
        const input = `${header}.${payload}`;
        return `${input}.${createHmac('sha256', 'key').update(input).digest('base64url')}`;
      },
      'invalid_token',
    ],
    ['an access token', () => tokens.accessToken, 'invalid_token'],
  ];
  it.each(wrong)('is refused on every route: %s', async (_name, token, code) => {
    const caller = callerWith(stack.apiUrl, token());
    for (const route of ROUTES) {
      if (!route.authenticated) continue;
      const answer = await caller(
        route.method,
        pathOf(route.path),
        route.method === 'POST' ? { body: {} } : {},
      );
      expect(codeOf(answer), route.operationId).toBe(`401 ${code}`);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(validate(Problem, JSON.parse(answer.text)).ok).toBe(true);
    }
  });
  it('still learns whether the API is up and what it is', async () => {
    const anybody = callerWith(stack.apiUrl);
    for (const path of ['/health', '/v1/health'])
      expect((await anybody('GET', path)).at('status')).toBe('ok');
    for (const path of ['/openapi.json', '/v1/openapi.json']) {
      const document = await anybody('GET', path);
      expect(document.at('openapi')).toBe('3.1.0');
      expect(document.text).toContain(`${stack.edgeUrl}/`);
    }
  });
});

describe('a request', () => {
  it('keeps its correlation id', async () => {
    const answer = await acme('GET', '/v1/nothing', { headers: { 'x-correlation-id': 'mine-1' } });
    expect([codeOf(answer), answer.headers.get('x-correlation-id'), answer.at('instance')]).toEqual(
      ['404 route_not_found', 'mine-1', 'mine-1'],
    );
  });
  it('may come from the console in a browser', async () => {
    const response = await fetch(`${stack.apiUrl}/v1/orders`, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://localhost:5173',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,idempotency-key',
      },
    });
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
    expect(response.status).toBe(204);
  });
  it('is refused where it is too large', async () => {
    const body = JSON.stringify([' '.repeat(5 * 1024 * 1024)]);
    expect(codeOf(await acme('POST', '/v1/events', { body }))).toBe('413 payload_too_large');
  });
});

const announce = async (
  size: number,
  headers: Record<string, string> = {},
  fileName = '사진 #1 (50%)+.png',
) => acme('POST', '/v1/uploads', { body: { fileName, contentType: 'image/png', size }, headers });
const put = (url: unknown, bytes: Uint8Array, type = 'image/png') =>
  fetch(String(url), {
    method: 'PUT',
    headers: { 'content-type': type },
    body: Buffer.from(bytes),
  });
/** 1 × 1. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describe('an upload', () => {
  it('travels through its presigned URL to a result, and is gone with all of it when deleted', async () => {
    const ticket = await announce(PNG.byteLength);
    expect(ticket.status).toBe(201);
    const path = `/v1/files/${ticket.at('fileId')}`;
    expect(
      codeOf(
        await acme('POST', `${pathOf('/uploads')}/${ticket.at('fileId')}/complete`, { body: {} }),
      ),
    ).toBe('409 upload_incomplete');
    expect((await put(ticket.at('upload', 'url'), PNG)).status).toBe(200);
    const completed = await acme('POST', `/v1/uploads/${ticket.at('fileId')}/complete`, {
      body: {},
    });
    expect([completed.status, completed.at('name')]).toEqual([200, '사진 #1 (50%)+.png']);
    const ready = await eventually(
      () => acme('GET', path),
      (answer) => answer.at('status') === 'ready',
    );
    const rendition = await fetch(String(ready.at('renditions', 0, 'url')));
    expect(rendition.status).toBe(200);
    expect((await rendition.arrayBuffer()).byteLength).toBe(ready.at('renditions', 0, 'size'));

    for (const method of ['GET', 'DELETE'])
      expect(codeOf(await other(method, path))).toBe('404 file_not_found');
    expect((await other('GET', '/v1/files')).at('items')).toEqual([]);

    expect((await acme('DELETE', path)).status).toBe(204);
    await eventually(
      () => acme('GET', path),
      ({ status }) => status === 404,
    );
    for (const bucket of ['uploads', 'media']) {
      const prefix = `acme/${ticket.at('fileId')}/`;
      const list = new ListObjectsV2Command({ Bucket: `millrace-local-${bucket}`, Prefix: prefix });
      await eventually(
        () => s3.send(list),
        ({ KeyCount }) => KeyCount === 0,
      );
    }
  });
  it.each([
    ['more bytes', PNG.byteLength + 1, 'image/png'],
    ['fewer bytes', PNG.byteLength - 1, 'image/png'],
    ['another type', PNG.byteLength, 'text/html'],
  ])('takes no %s than announced', async (_name, size, type) => {
    const ticket = await announce(PNG.byteLength);
    const bytes = Buffer.concat([PNG, Buffer.alloc(1)]).subarray(0, size);
    expect((await put(ticket.at('upload', 'url'), bytes, type)).status).toBe(403);
  });
  it('that never came is forgotten when it is deleted', async () => {
    const path = `/v1/files/${(await announce(10)).at('fileId')}`;
    expect((await acme('DELETE', path)).status).toBe(204);
    expect(codeOf(await acme('GET', path))).toBe('404 file_not_found');
  });
  it('that was rejected is gone with its quarantined copy', async () => {
    const unknown = Buffer.from('00ff00fe00fd00fc', 'hex');
    const ticket = await announce(unknown.byteLength);
    const path = `/v1/files/${ticket.at('fileId')}`;
    await put(ticket.at('upload', 'url'), unknown);
    const rejected = await eventually(
      () => acme('GET', path),
      (answer) => answer.at('status') === 'rejected',
    );
    expect(rejected.at('reason', 'code')).toBe('unsupported_type');
    expect((await acme('DELETE', path)).status).toBe(204);
    await eventually(
      () => acme('GET', path),
      ({ status }) => status === 404,
    );
    const list = new ListObjectsV2Command({
      Bucket: 'millrace-local-quarantine',
      Prefix: `acme/${ticket.at('fileId')}/`,
    });
    await eventually(
      () => s3.send(list),
      ({ KeyCount }) => KeyCount === 0,
    );
  });
  it('announced again with its key is the same file, with URLs that work', async () => {
    const headers = { 'idempotency-key': 'upload-1' };
    const [first, second] = [
      await announce(PNG.byteLength, headers),
      await announce(PNG.byteLength, headers),
    ];
    expect(second.at('fileId')).toBe(first.at('fileId'));
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect((await put(second.at('upload', 'url'), PNG)).status).toBe(200);
    expect(codeOf(await announce(PNG.byteLength + 1, headers))).toBe('422 idempotency_key_reused');
    const path = `/v1/files/${first.at('fileId')}`;
    await eventually(
      () => acme('GET', path),
      (answer) => answer.at('status') === 'ready',
    );
    const completed = await acme('POST', `/v1/uploads/${first.at('fileId')}/complete`, {
      body: {},
    });
    expect((await fetch(String(completed.at('renditions', 0, 'url')))).status).toBe(200);
  });
  it('of many parts is joined once, whatever is sent twice', async () => {
    const MIB = 1024 ** 2;
    const bytes = randomBytes(70 * MIB);
    const ticket = await announce(bytes.byteLength, { 'idempotency-key': 'parts' }, 'large.bin');
    const id = ticket.at('fileId');
    expect(ticket.at('upload', 'kind')).toBe('multipart');
    const partSize = Number(ticket.at('upload', 'partSize'));
    const urls = ticket.at('upload', 'parts') as { partNumber: number; url: string }[];
    expect(codeOf(await acme('POST', `/v1/uploads/${id}/complete`, { body: {} }))).toBe(
      '409 upload_incomplete',
    );
    const missing = (await acme('GET', `/v1/uploads/${id}`)).at('upload', 'missing');
    expect(missing).toEqual(urls.map(({ partNumber }) => partNumber));
    const renewed = await acme('POST', `/v1/uploads/${id}/parts`, {
      body: { parts: [{ partNumber: 1 }] },
    });
    expect(renewed.at('parts', 0, 'size')).toBe(partSize);
    expect(urls).toHaveLength(Math.ceil(bytes.byteLength / partSize));
    const parts = await Promise.all(
      urls.map(async ({ partNumber, url }) => {
        const body = bytes.subarray((partNumber - 1) * partSize, partNumber * partSize);
        const response = await fetch(url, { method: 'PUT', body });
        expect(response.status).toBe(200);
        return { partNumber, eTag: String(response.headers.get('etag')) };
      }),
    );
    const complete = (given: unknown) =>
      acme('POST', `/v1/uploads/${id}/complete`, { body: { parts: given } });
    expect(codeOf(await complete(parts.slice(1)))).toBe('409 upload_incomplete');
    const spoilt = parts.map((part) => ({ ...part, eTag: `"${'0'.repeat(32)}"` }));
    expect(codeOf(await complete(spoilt))).toBe('409 upload_incomplete');
    expect((await complete(parts.toReversed())).status).toBe(200);
    expect((await complete(parts)).status).toBe(200);
    const late = acme('POST', `/v1/uploads/${id}/parts`, { body: { parts: [{ partNumber: 1 }] } });
    expect(codeOf(await late)).toBe('410 upload_expired');
    expect(codeOf(await complete([{ partNumber: 1, eTag: '\u0001' }]))).toBe('400 invalid_request');
    const stored = await s3.send(
      new GetObjectCommand({ Bucket: 'millrace-local-uploads', Key: `acme/${id}/large.bin` }),
    );
    expect(
      Buffer.compare(Buffer.from((await stored.Body?.transformToByteArray()) ?? []), bytes),
    ).toBe(0);
  });
});

const orderOf = (sku: string) => ({
  customerId: 'c',
  currency: 'KRW',
  lines: [{ sku, quantity: 2, unitPrice: 1500 }],
});
const place = (key: string, sku = 'a', caller = acme) =>
  caller('POST', '/v1/orders', { body: orderOf(sku), headers: { 'idempotency-key': key } });
const metric = async (name: string, query: string, caller = acme) => {
  const from = new Date(Date.now() - 3_600_000).toISOString();
  const to = new Date(Date.now() + 60_000).toISOString();
  return caller('GET', `/v1/metrics/${name}?from=${from}&to=${to}&${query}`);
};

describe('an order', () => {
  it('placed by many at once with one key is one order, counted once, seen by its tenant alone', async () => {
    const racers = await Promise.all(Array.from({ length: 8 }, () => place('race')));
    const codes = racers.map(({ status }) => status);
    expect(codes).toContain(201);
    expect(codes.every((code) => code === 201 || code === 409)).toBe(true);
    const again = await place('race');
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    const ids = [...racers, again]
      .filter(({ status }) => status === 201)
      .map((answer) => answer.at('orderId'));
    expect(new Set(ids).size).toBe(1);
    expect(codeOf(await place('race', 'b'))).toBe('422 idempotency_key_reused');

    const path = `/v1/orders/${again.at('orderId')}`;
    expect((await acme('GET', path)).at('total')).toBe(3000);
    expect(codeOf(await other('GET', path))).toBe('404 order_not_found');

    // A second order after it: when that is counted, a duplicate of the first would be too.
    await place('race-2');
    const counted = await eventually(
      () => metric('order', 'groupBy=currency,status'),
      (answer) => Number(answer.at('count')) >= 2,
    );
    expect([counted.at('count'), counted.at('sum')]).toEqual([2, 6000]);
    expect((await metric('order', '', other)).at('count')).toBe(0);
  });
  it('lists in pages whose cursor is of no use to others', async () => {
    for (const key of ['p1', 'p2', 'p3']) await place(key);
    const first = await acme('GET', '/v1/orders?limit=2');
    const cursor = String(first.at('cursor'));
    const rest = await acme('GET', `/v1/orders?limit=100&cursor=${cursor}`);
    const ids = [...(first.at('items') as object[]), ...(rest.at('items') as object[])].map(
      (order) => (order as { orderId: string }).orderId,
    );
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(ids.length).toBeGreaterThanOrEqual(3);
    expect((await other('GET', `/v1/orders?cursor=${cursor}`)).at('items')).toEqual([]);
    expect(codeOf(await acme('GET', '/v1/orders?cursor=nonsense'))).toBe('400 invalid_cursor');
  });
  it('beyond exact numbers is refused', async () => {
    const line = { sku: 'a', quantity: 1_000_000, unitPrice: 1_000_000_000 };
    const answer = await acme('POST', '/v1/orders', {
      body: { ...orderOf('a'), lines: Array(10).fill(line) },
      headers: { 'idempotency-key': 'huge' },
    });
    expect(codeOf(answer)).toBe('422 order_total_too_large');
  });
});

describe('events', () => {
  it('are counted once each, by the tenant that sent them', async () => {
    const event = (id: string, value: number) => ({
      specversion: '1.0',
      id,
      source: 'test',
      type: 'millrace.telemetry.v1',
      time: new Date().toISOString(),
      tenant: 'victim',
      data: { deviceId: 'd-1', metrics: { level: value } },
    });
    const batch = [event('e1', 0.1), event('e1', 0.1), event('e2', 0.2), { id: 'bad' }];
    for (const body of [batch, batch]) {
      const receipt = await acme('POST', '/v1/events', { body });
      expect(receipt.status).toBe(202);
      expect(receipt.at('rejected', 0, 'code')).toBe('invalid_event');
    }
    const single = await acme('POST', '/v1/events', {
      body: event('e3', 0.3),
      headers: { 'content-type': 'application/cloudevents+json' },
    });
    expect(single.at('accepted')).toEqual([{ index: 0, id: 'e3' }]);
    const counted = await eventually(
      () => metric('telemetry.metric', 'groupBy=metric'),
      (answer) => Number(answer.at('count')) >= 3,
    );
    expect(counted.text).toMatch(/"count":3,"sum":0\.6,/);
    expect((await metric('telemetry.metric', '', other)).at('count')).toBe(0);
  });
});

describe('a device', () => {
  it('belongs to who registered it', async () => {
    const register = (caller: Caller, name?: string) =>
      caller('POST', '/v1/devices', { body: { deviceId: 'boiler-1', ...(name && { name }) } });
    const first = await register(acme, 'Boiler');
    expect([first.status, first.at('topics', 'telemetry')]).toEqual([
      201,
      'devices/boiler-1/telemetry',
    ]);
    expect((await register(acme, 'Boiler')).text).toBe(first.text);
    expect(codeOf(await register(acme, 'Other name'))).toBe('409 device_id_taken');
    expect(codeOf(await register(other, 'Boiler'))).toBe('409 device_id_taken');
    expect((await acme('GET', '/v1/devices/boiler-1')).status).toBe(200);
    expect(codeOf(await other('GET', '/v1/devices/boiler-1'))).toBe('404 device_not_found');
    expect((await other('GET', '/v1/devices')).at('items')).toEqual([]);
  });
});

it('answers hostile requests with a reason, never with a 5xx', async () => {
  const hostile = [
    '',
    '{',
    'null',
    '[]',
    '{"__proto__":{"a":1}}',
    `${'['.repeat(100_000)}`,
    '{"lines":"x"}',
    '"\\ud800"',
    '{"fileName":"..","contentType":"a/b","size":1}',
  ];
  const ids = ['%00', '%2e%2e%2f', '%F0%9F%98%80', 'x'.repeat(300), '__proto__', "';--"];
  for (const { method, path } of ROUTES) {
    const requests: Promise<Answer>[] =
      method === 'POST'
        ? hostile.map((body) =>
            acme(method, pathOf(path), { body, headers: { 'idempotency-key': 'h' } }),
          )
        : ids.map((id) =>
            acme(
              method,
              `/v1${path.replace(/\{\w+\}/, id)}?limit=${id}&from=${id}&to=9999-12-31T23:59:59Z`,
            ),
          );
    for (const answer of await Promise.all(requests))
      expect(answer.status, `${method} ${path} ${answer.text}`).toBeLessThan(500);
  }
});
