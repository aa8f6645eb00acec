import { createHmac } from 'node:crypto';
import {
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { CREDENTIALS, codeIn, type Harness, startS3 } from './harness.ts';

const Bucket = 'millrace-local-uploads';
const Key = 'acme/1/사진 #1 (50%)+.jpg';
let s3: Harness;
let client: S3Client;
let now = Date.now();

beforeAll(async () => {
  s3 = await startS3({ clock: { ...systemClock, now: () => now } });
  s3.engine.createBucket(Bucket);
  client = s3.client();
});
afterAll(() => s3.stop());

function presignPut(params: object = {}, options: object = {}): Promise<string> {
  return getSignedUrl(client, new PutObjectCommand({ Bucket, Key, ...params }), {
    expiresIn: 60,
    ...options,
  });
}

async function outcome(url: string, init: RequestInit = {}): Promise<[number, string]> {
  const response = await fetch(url, init);
  const text = await response.text();
  return [response.status, codeIn(text) ?? text];
}

describe('a presigned URL', () => {
  test('lets its holder put and get the object, and nothing else', async () => {
    const url = await presignPut();
    expect(await outcome(url, { method: 'PUT', body: 'picture' })).toEqual([200, '']);
    const get = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key }));
    expect(await outcome(get)).toEqual([200, 'picture']);
    expect(await outcome(url)).toEqual([403, 'SignatureDoesNotMatch']);
    expect(await outcome(get, { method: 'DELETE' })).toEqual([403, 'SignatureDoesNotMatch']);
    const other = url.replace('/acme/', '/evil/');
    expect(await outcome(other, { method: 'PUT', body: 'x' })).toEqual([
      403,
      'SignatureDoesNotMatch',
    ]);
  });

  test('may carry the checksum of an empty body, as the SDK signs it: S3 reads none there', async () => {
    const url = await presignPut();
    expect(new URL(url).searchParams.get('x-amz-checksum-crc32')).toBe('AAAAAA==');
    expect(await outcome(url, { method: 'PUT', body: 'not empty' })).toEqual([200, '']);
  });

  test('works until it expires', async () => {
    const url = await presignPut();
    now += 59_000;
    expect((await outcome(url, { method: 'PUT', body: 'x' }))[0]).toBe(200);
    now += 3_000;
    const response = await fetch(url, { method: 'PUT', body: 'x' });
    const text = await response.text();
    now = Date.now();
    expect([response.status, codeIn(text)]).toEqual([403, 'AccessDenied']);
    expect(text).toContain('<Message>Request has expired</Message>');
    expect(text).toContain('<X-Amz-Expires>60</X-Amz-Expires>');
  });

  test('holds the sender to the content type and length that were signed', async () => {
    const url = await presignPut(
      { ContentType: 'image/jpeg', ContentLength: 7 },
      { signableHeaders: new Set(['content-type', 'content-length']) },
    );
    const put = (type: string, body: string) =>
      outcome(url, { method: 'PUT', body, headers: { 'content-type': type } });
    expect(await put('image/jpeg', 'picture')).toEqual([200, '']);
    expect(await put('text/html', 'picture')).toEqual([403, 'SignatureDoesNotMatch']);
    expect(await put('image/jpeg', 'a larger picture')).toEqual([403, 'SignatureDoesNotMatch']);
    expect(await outcome(url, { method: 'PUT' })).toEqual([403, 'SignatureDoesNotMatch']);
  });

  test('carries metadata in the URL, and refuses any that was not signed', async () => {
    const url = await presignPut({ Metadata: { tenant: 'acme' } });
    expect((await outcome(url, { method: 'PUT', body: 'x' }))[0]).toBe(200);
    const head = await client.send(new HeadObjectCommand({ Bucket, Key }));
    expect(head.Metadata).toEqual({ tenant: 'acme' });
    const headers = { 'x-amz-meta-tenant': 'other' };
    expect(await outcome(url, { method: 'PUT', body: 'x', headers })).toEqual([
      403,
      'AccessDenied',
    ]);
  });

  test('uploads the parts of a multipart upload', async () => {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const url = await getSignedUrl(
      client,
      new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1 }),
    );
    const response = await fetch(url, { method: 'PUT', body: 'part' });
    expect(response.status).toBe(200);
    expect(response.headers.get('etag')).toMatch(/^"[0-9a-f]{32}"$/);
  });

  test.each([
    ['of an unknown key', /millrace%2F/, 'stranger%2F', [403, 'InvalidAccessKeyId']],
    [
      'with a changed signature',
      /Signature=..../,
      'Signature=0000',
      [403, 'SignatureDoesNotMatch'],
    ],
    ['with a longer life', /Expires=60/, 'Expires=600', [403, 'SignatureDoesNotMatch']],
    [
      'for more than a week',
      /Expires=60/,
      'Expires=604801',
      [400, 'AuthorizationQueryParametersError'],
    ],
    ['for a negative time', /Expires=60/, 'Expires=-1', [400, 'AuthorizationQueryParametersError']],
    ['for another region', /us-east-1/, 'eu-west-1', [400, 'AuthorizationQueryParametersError']],
    ['without its expiry', /X-Amz-Expires=60&/, '', [400, 'AuthorizationQueryParametersError']],
    [
      'without its signature',
      /&X-Amz-Signature=[^&]*/,
      '',
      [400, 'AuthorizationQueryParametersError'],
    ],
    ['with a further parameter', /$/, '&versionId=1', [403, 'SignatureDoesNotMatch']],
  ])('%s is refused', async (_name, pattern, replacement, expected) => {
    const url = (await presignPut()).replace(pattern, replacement);
    expect(await outcome(url, { method: 'PUT', body: 'x' })).toEqual(expected);
  });
});

describe('a URL presigned with signature version 2', () => {
  /** As the documentation has it, for a path-style request. */
  function presignV2(method: string, key: string, more: { type?: string; query?: string } = {}) {
    const expires = String(Math.floor(now / 1000) + 60);
    const resource = `/${Bucket}/${key}${more.query ? `?${more.query}` : ''}`;
    const text = [method, '', more.type ?? '', expires, resource].join('\n');
    const signature = createHmac('sha1', CREDENTIALS.secretAccessKey).update(text).digest('base64');
    const { accessKeyId: AWSAccessKeyId } = CREDENTIALS;
    const query = new URLSearchParams({ AWSAccessKeyId, Expires: expires, Signature: signature });
    return `${s3.endpoint}/${Bucket}/${key}?${more.query ? `${more.query}&` : ''}${query}`;
  }

  test('puts and gets, until it expires', async () => {
    const key = '%ED%95%9C%2Bplus';
    const type = 'text/plain';
    const put = presignV2('PUT', key, { type });
    expect(
      (await fetch(put, { method: 'PUT', body: 'x', headers: { 'content-type': type } })).status,
    ).toBe(200);
    const get = presignV2('GET', key);
    expect(await (await fetch(get)).text()).toBe('x');
    now += 61_000;
    const late = await outcome(get);
    now = Date.now();
    expect(late).toEqual([403, 'AccessDenied']);
  });

  test.each([
    ['another method', { method: 'DELETE' }, /$/, ''],
    [
      'another type',
      { method: 'PUT', body: 'x', headers: { 'content-type': 'text/html' } },
      /$/,
      '',
    ],
    ['another key', { method: 'PUT', body: 'x' }, /name/, 'other'],
    ['a sub-resource that was not signed', { method: 'PUT', body: 'x' }, /$/, '&tagging'],
    [
      'a header that was not signed',
      { method: 'PUT', body: 'x', headers: { 'x-amz-tagging': 'a=b' } },
      /$/,
      '',
    ],
    ['a longer life', { method: 'PUT', body: 'x' }, /Expires=\d+/, 'Expires=99999999999'],
  ])('is refused with %s', async (_name, init, pattern, replacement) => {
    const url = presignV2('PUT', 'name', { type: 'text/plain' }).replace(pattern, replacement);
    const headers = { 'content-type': 'text/plain', ...('headers' in init ? init.headers : {}) };
    expect(await outcome(url, { ...init, headers } as RequestInit)).toEqual([
      403,
      'SignatureDoesNotMatch',
    ]);
  });

  test('is refused for an unknown key, and without its parts', async () => {
    const url = presignV2('GET', 'name');
    expect(await outcome(url.replace('=millrace', '=stranger'))).toEqual([
      403,
      'InvalidAccessKeyId',
    ]);
    expect(await outcome(url.replace(/Expires=\d+&/, ''))).toEqual([403, 'AccessDenied']);
  });
});

test('a request without any signature is refused', async () => {
  expect(await outcome(`${s3.endpoint}/${Bucket}/x`)).toEqual([403, 'AccessDenied']);
});

test('a header-signed request passes with any credentials', async () => {
  const stranger = s3.client({ credentials: { accessKeyId: 'any', secretAccessKey: 'thing' } });
  await stranger.send(new PutObjectCommand({ Bucket, Key: 'stranger', Body: 'x' }));
});
