import { request } from 'node:http';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketCorsCommand,
  GetBucketLocationCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketCorsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeIn, failureOf, type Harness, signedFetch, startS3 } from './harness.ts';

let s3: Harness;
let client: S3Client;

beforeAll(async () => {
  s3 = await startS3();
  client = s3.client();
});
afterAll(() => s3.stop());

describe('a bucket', () => {
  test('is created, found, listed and deleted when empty', async () => {
    const Bucket = 'first-bucket-1';
    await client.send(new CreateBucketCommand({ Bucket }));
    await client.send(new CreateBucketCommand({ Bucket }));
    const head = await client.send(new HeadBucketCommand({ Bucket }));
    expect(head.BucketRegion).toBe('us-east-1');
    const { Buckets } = await client.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual([Bucket]);
    expect(s3.engine.listBuckets().map(({ name }) => name)).toEqual([Bucket]);
    const { LocationConstraint } = await client.send(new GetBucketLocationCommand({ Bucket }));
    expect(LocationConstraint || undefined).toBeUndefined();

    await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }));
    expect(await failureOf(client.send(new DeleteBucketCommand({ Bucket })))).toMatchObject({
      name: 'BucketNotEmpty',
      status: 409,
    });
    expect(() => s3.engine.deleteBucket(Bucket)).toThrow(/not empty/);
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
    await client.send(new DeleteBucketCommand({ Bucket }));
    expect(await failureOf(client.send(new HeadBucketCommand({ Bucket })))).toMatchObject({
      status: 404,
    });
  });

  test.each(['ab', 'Upper', 'under_score', '10.0.0.1', 'a..b', '-dash', 'x'.repeat(64)])(
    'may not be called %s',
    (name) => {
      expect(() => s3.engine.createBucket(name)).toThrow(
        expect.objectContaining({ code: 'InvalidBucketName' }),
      );
    },
  );

  test('takes the configuration of its template, each time', async () => {
    const Bucket = 'configured';
    const cors = [{ allowedOrigins: ['*'], allowedMethods: ['GET'] }];
    s3.engine.createBucket(Bucket, { versioning: true, cors, tags: { team: 'files' } });
    const versioning = () => client.send(new GetBucketVersioningCommand({ Bucket }));
    expect((await versioning()).Status).toBe('Enabled');
    expect((await client.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual([
      { Key: 'team', Value: 'files' },
    ]);
    s3.engine.createBucket(Bucket);
    expect((await versioning()).Status).toBe('Suspended');
    expect(await failureOf(client.send(new GetBucketCorsCommand({ Bucket })))).toMatchObject({
      name: 'NoSuchCORSConfiguration',
    });
    expect(await failureOf(client.send(new GetBucketTaggingCommand({ Bucket })))).toMatchObject({
      name: 'NoSuchTagSet',
    });
  });

  test('answers by virtual host as by path', async () => {
    s3.engine.createBucket('vhost.bucket');
    // The SDK does not send a name with dots to an address without a name.
    await signedFetch(`${s3.endpoint}/vhost.bucket/a/b`, { method: 'PUT', body: 'found' });
    // `fetch` does not let one choose the host: ask by hand.
    const get = (host: string, path: string) =>
      new Promise<string>((resolve, reject) => {
        const { port } = new URL(s3.endpoint);
        const headers = {
          host,
          authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/s3/aws4_request',
        };
        request({ host: '127.0.0.1', port, path, headers }, async (res) => {
          res.setEncoding('utf8');
          resolve((await res.toArray()).join(''));
        })
          .on('error', reject)
          .end();
      });
    const { port } = new URL(s3.endpoint);
    for (const host of [
      `vhost.bucket.localhost:${port}`,
      `vhost.bucket.s3.localhost:${port}`,
      'vhost.bucket.s3.us-east-1.localhost',
      'vhost.bucket.s3.amazonaws.com',
      'vhost.bucket.s3.us-east-1.amazonaws.com',
    ]) {
      expect(await get(host, '/a/b')).toBe('found');
    }
    for (const host of ['localhost', `s3.localhost:${port}`, 's3.us-east-1.amazonaws.com']) {
      expect(await get(host, '/vhost.bucket/a/b')).toBe('found');
    }
  });

  test('refuses what is not implemented by name', async () => {
    s3.engine.createBucket('plain');
    for (const path of ['/plain?acl', '/plain?policy', '/plain/key?torrent']) {
      const response = await signedFetch(`${s3.endpoint}${path}`);
      expect([response.status, codeIn(await response.text())]).toEqual([501, 'NotImplemented']);
    }
    const invalid = await signedFetch(`${s3.endpoint}/plain/%ff%fe`);
    expect([invalid.status, codeIn(await invalid.text())]).toEqual([400, 'InvalidURI']);
  });
});

describe('versions', () => {
  const Bucket = 'versioned';
  const put = async (Body: string) =>
    (await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body }))).VersionId;
  const read = async (VersionId?: string) => {
    const got = await client.send(new GetObjectCommand({ Bucket, Key: 'k', VersionId }));
    return got.Body?.transformToString();
  };

  test('are kept, marked as deleted, restored and removed', async () => {
    s3.engine.createBucket(Bucket, { versioning: true });
    const [one, two] = [await put('one'), await put('two')];
    expect([await read(), await read(one), await read(two)]).toEqual(['two', 'one', 'two']);
    const gone = await client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(gone.DeleteMarker).toBe(true);
    expect(await failureOf(read())).toMatchObject({ name: 'NoSuchKey' });
    expect(await failureOf(read(gone.VersionId))).toMatchObject({
      name: 'MethodNotAllowed',
      status: 405,
    });
    expect(await failureOf(read('unknown'))).toMatchObject({ name: 'NoSuchVersion' });
    expect((await client.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
    const listed = await client.send(new ListObjectVersionsCommand({ Bucket }));
    expect(listed.DeleteMarkers?.map((marker) => [marker.VersionId, marker.IsLatest])).toEqual([
      [gone.VersionId, true],
    ]);
    expect(listed.Versions?.map((version) => [version.VersionId, version.IsLatest])).toEqual([
      [two, false],
      [one, false],
    ]);
    expect(s3.events.filter(({ bucket }) => bucket === Bucket)).toMatchObject([
      { name: 'ObjectCreated:Put', versionId: one },
      { name: 'ObjectCreated:Put', versionId: two },
      { name: 'ObjectRemoved:DeleteMarkerCreated', versionId: gone.VersionId },
    ]);
    const remove = (VersionId?: string) =>
      client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId }));
    await remove(gone.VersionId);
    expect(await read()).toBe('two');
    await remove(two);
    expect(await read()).toBe('one');
    await client.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } }),
    );
    expect(await put('null one')).toBe('null');
    expect(await put('null two')).toBe('null');
    const after = await client.send(new ListObjectVersionsCommand({ Bucket }));
    expect(after.Versions?.map(({ VersionId }) => VersionId)).toEqual(['null', one]);
    expect(await read('null')).toBe('null two');
  });
});

describe('CORS', () => {
  const Bucket = 'cors-bucket';
  const origin = 'https://console.example.com';
  beforeAll(async () => {
    s3.engine.createBucket(Bucket);
    await client.send(
      new PutBucketCorsCommand({
        Bucket,
        CORSConfiguration: {
          CORSRules: [
            {
              AllowedOrigins: ['https://*.example.com'],
              AllowedMethods: ['PUT', 'GET'],
              AllowedHeaders: ['content-type', 'x-amz-*'],
              ExposeHeaders: ['ETag'],
              MaxAgeSeconds: 600,
            },
          ],
        },
      }),
    );
  });
  const preflight = (headers: Record<string, string>, bucket = Bucket) =>
    fetch(`${s3.endpoint}/${bucket}/key`, { method: 'OPTIONS', headers });

  test('answers the preflight that a rule allows', async () => {
    const response = await preflight({
      origin,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'Content-Type, x-amz-meta-a',
    });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'PUT, GET',
      'access-control-allow-headers': 'content-type, x-amz-meta-a',
      'access-control-expose-headers': 'ETag',
      'access-control-max-age': '600',
      'access-control-allow-credentials': 'true',
    });
    expect(response.headers.get('vary')).toContain('Origin');
  });

  test('refuses another origin, method or header, and a bucket without rules', async () => {
    const wanted = { origin, 'access-control-request-method': 'PUT' };
    const refused = async (headers: Record<string, string>, bucket?: string) => {
      const response = await preflight(headers, bucket);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
      return [response.status, codeIn(await response.text())];
    };
    expect(await refused({ ...wanted, origin: 'https://evil.test' })).toEqual([
      403,
      'AccessForbidden',
    ]);
    expect(await refused({ ...wanted, 'access-control-request-method': 'DELETE' })).toEqual([
      403,
      'AccessForbidden',
    ]);
    expect(await refused({ ...wanted, 'access-control-request-headers': 'x-other' })).toEqual([
      403,
      'AccessForbidden',
    ]);
    s3.engine.createBucket('no-cors');
    expect(await refused(wanted, 'no-cors')).toEqual([403, 'AccessForbidden']);
    expect(await refused({})).toEqual([400, 'BadRequest']);
  });

  test('adds its headers to answers, also to errors, so that the page can read them', async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: 'key', Body: 'x' }));
    for (const [key, status] of [
      ['key', 200],
      ['missing', 404],
    ] as const) {
      const response = await signedFetch(`${s3.endpoint}/${Bucket}/${key}`, {
        headers: { origin },
      });
      expect(response.status).toBe(status);
      expect(response.headers.get('access-control-allow-origin')).toBe(origin);
      await response.text();
    }
    await client.send(new HeadObjectCommand({ Bucket, Key: 'key' }));
  });
});
