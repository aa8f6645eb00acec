import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeIn, failureOf, type Harness, signedFetch, startS3 } from './harness.ts';

const Bucket = 'millrace-local-uploads';
let s3: Harness;
let client: S3Client;

beforeAll(async () => {
  s3 = await startS3();
  s3.engine.createBucket(Bucket);
  client = s3.client();
});
afterAll(() => s3.stop());

async function read(Key: string, extra: object = {}): Promise<string> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, ...extra }));
  return (await Body?.transformToString()) ?? '';
}

describe('an object', () => {
  test('comes back with its bytes, type, metadata and entity tag', async () => {
    const body = randomBytes(300_000);
    const put = await client.send(
      new PutObjectCommand({
        Bucket,
        Key: 'plain',
        Body: body,
        ContentType: 'image/png',
        CacheControl: 'max-age=60',
        ContentDisposition: 'attachment; filename="a.png"',
        ContentEncoding: 'identity',
        ContentLanguage: 'ko',
        Metadata: { tenant: 'acme', 'camera-model': 'x 100' },
      }),
    );
    const got = await client.send(new GetObjectCommand({ Bucket, Key: 'plain' }));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(body);
    expect(got).toMatchObject({
      ETag: put.ETag,
      ContentType: 'image/png',
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment; filename="a.png"',
      ContentEncoding: 'identity',
      ContentLanguage: 'ko',
      ContentLength: 300_000,
      AcceptRanges: 'bytes',
      Metadata: { tenant: 'acme', 'camera-model': 'x 100' },
    });
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'plain' }));
    expect(head).toMatchObject({ ETag: put.ETag, ContentLength: 300_000 });
  });

  test('may be empty, and is replaced by the next put', async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: 'empty', Body: '' }));
    expect(await read('empty')).toBe('');
    await client.send(new PutObjectCommand({ Bucket, Key: 'empty', Body: 'full' }));
    expect(await read('empty')).toBe('full');
  });

  test('of unknown checksum arrives as a stream with a trailing checksum', async () => {
    const pieces = Array.from({ length: 40 }, () => randomBytes(10_000));
    await client.send(
      new PutObjectCommand({
        Bucket,
        Key: 'streamed',
        Body: Readable.from(pieces),
        ContentLength: 400_000,
        ContentEncoding: 'gzip',
      }),
    );
    const got = await client.send(
      new GetObjectCommand({ Bucket, Key: 'streamed', ChecksumMode: 'ENABLED' }),
    );
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(
      Buffer.concat(pieces),
    );
    expect(got.ContentEncoding).toBe('gzip');
    expect(got.ChecksumCRC32).toMatch(/^[\w+/]{6}==$/);
  });

  test('that is missing is NoSuchKey, in a missing bucket NoSuchBucket', async () => {
    expect(await failureOf(read('nothing'))).toMatchObject({ name: 'NoSuchKey', status: 404 });
    expect(await failureOf(read('nothing', { Bucket: 'no-bucket' }))).toMatchObject({
      name: 'NoSuchBucket',
      status: 404,
    });
    expect(
      await failureOf(client.send(new HeadObjectCommand({ Bucket, Key: 'nothing' }))),
    ).toMatchObject({ name: 'NotFound', status: 404 });
  });

  test('keeps its response headers unless the request overrides them', async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: 'over', Body: 'x' }));
    const got = await client.send(
      new GetObjectCommand({
        Bucket,
        Key: 'over',
        ResponseContentType: 'text/csv',
        ResponseContentDisposition: "attachment; filename*=UTF-8''%EC%82%AC.csv",
      }),
    );
    expect(got.ContentType).toBe('text/csv');
    expect(got.ContentDisposition).toBe("attachment; filename*=UTF-8''%EC%82%AC.csv");
  });

  test('refuses metadata over 2 KB, an ACL and customer keys rather than dropping them', async () => {
    const put = (extra: object) =>
      failureOf(client.send(new PutObjectCommand({ Bucket, Key: 'no', Body: 'x', ...extra })));
    expect(await put({ Metadata: { big: 'x'.repeat(3000) } })).toMatchObject({
      name: 'MetadataTooLarge',
    });
    expect(await put({ ACL: 'public-read' })).toMatchObject({
      name: 'AccessControlListNotSupported',
    });
    expect(await put({ ObjectLockLegalHoldStatus: 'ON' })).toMatchObject({
      name: 'NotImplemented',
      status: 501,
    });
  });
});

test('above 5 GiB is refused by its announced length, before a byte of it has come', async () => {
  const bytes = 5 * 1024 ** 3 + 1;
  const sending = request(`${s3.endpoint}/${Bucket}/huge`, {
    method: 'PUT',
    headers: { authorization: 'AWS4-HMAC-SHA256 x', 'content-length': bytes },
  });
  sending.flushHeaders();
  const [answer] = (await once(sending, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(400);
  const document = Buffer.concat(await answer.toArray()).toString();
  expect(codeIn(document)).toBe('EntityTooLarge');
  expect(document).toContain(`<ProposedSize>${bytes}</ProposedSize>`);
  sending.destroy();
});

describe('a range', () => {
  beforeAll(async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: 'range', Body: '0123456789' }));
    await client.send(new PutObjectCommand({ Bucket, Key: 'range-empty', Body: '' }));
  });

  test.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-99', '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
    ['bytes=0-0', '0', 'bytes 0-0/10'],
  ])('%s is served as 206', async (Range, text, ContentRange) => {
    const got = await client.send(new GetObjectCommand({ Bucket, Key: 'range', Range }));
    expect(await got.Body?.transformToString()).toBe(text);
    expect(got).toMatchObject({ ContentRange, ContentLength: text.length });
    expect(got.$metadata.httpStatusCode).toBe(206);
  });

  test.each(['bytes=10-', 'bytes=10-20', 'bytes=-0'])('%s is not satisfiable', async (Range) => {
    expect(await failureOf(read('range', { Range }))).toMatchObject({
      name: 'InvalidRange',
      status: 416,
    });
    expect(await failureOf(read('range-empty', { Range }))).toMatchObject({ status: 416 });
  });

  test.each(['bytes=1-2,4-5', 'bytes=5-2', 'lines=1-2', 'bytes=x'])(
    '%s is ignored: the whole object comes',
    async (Range) => {
      expect(await read('range', { Range })).toBe('0123456789');
    },
  );
});

describe('a conditional read', () => {
  const past = new Date(Date.now() - 3_600_000);
  const future = new Date(Date.now() + 3_600_000);
  let etag: string;
  beforeAll(async () => {
    const put = await client.send(new PutObjectCommand({ Bucket, Key: 'cond', Body: 'x' }));
    etag = put.ETag ?? '';
  });

  test('passes, says 304 or says 412 as RFC 9110 orders its conditions', async () => {
    const status = async (extra: object) => {
      try {
        const got = await client.send(new GetObjectCommand({ Bucket, Key: 'cond', ...extra }));
        await got.Body?.transformToString();
        return got.$metadata.httpStatusCode;
      } catch (error) {
        return (error as { $metadata: { httpStatusCode: number } }).$metadata.httpStatusCode;
      }
    };
    expect(await status({ IfMatch: etag })).toBe(200);
    expect(await status({ IfMatch: '"other"' })).toBe(412);
    expect(await status({ IfNoneMatch: etag })).toBe(304);
    expect(await status({ IfNoneMatch: '"other"' })).toBe(200);
    expect(await status({ IfModifiedSince: past })).toBe(200);
    expect(await status({ IfModifiedSince: future })).toBe(304);
    expect(await status({ IfUnmodifiedSince: past })).toBe(412);
    expect(await status({ IfUnmodifiedSince: future })).toBe(200);
    expect(await status({ IfMatch: etag, IfUnmodifiedSince: past })).toBe(200);
    expect(await status({ IfNoneMatch: '"other"', IfModifiedSince: future })).toBe(200);
  });
});

describe('a conditional write', () => {
  test('lets exactly one of 20 racers create an object', async () => {
    const racers = Array.from({ length: 20 }, (_, racer) =>
      client
        .send(new PutObjectCommand({ Bucket, Key: 'race', Body: `${racer}`, IfNoneMatch: '*' }))
        .then(
          () => ({ racer, won: true, name: '' }),
          (error: Error) => ({ racer, won: false, name: error.name }),
        ),
    );
    const results = await Promise.all(racers);
    const winners = results.filter(({ won }) => won);
    expect(winners).toHaveLength(1);
    expect(new Set(results.filter(({ won }) => !won).map(({ name }) => name))).toEqual(
      new Set(['PreconditionFailed']),
    );
    expect(await read('race')).toBe(`${winners[0]?.racer}`);
    expect(s3.events.filter(({ key }) => key === 'race')).toHaveLength(1);
  });

  test('lets exactly one of 20 racers replace what all of them read', async () => {
    const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key: 'cas', Body: 'old' }));
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, racer) =>
        client
          .send(new PutObjectCommand({ Bucket, Key: 'cas', Body: `new${racer}`, IfMatch: ETag }))
          .then(
            () => 'won',
            (error: Error) => error.name,
          ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'won')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'PreconditionFailed')).toHaveLength(19);
  });

  test('to a missing object is 404; with conditions that S3 does not know 501', async () => {
    const put = (extra: object) =>
      failureOf(client.send(new PutObjectCommand({ Bucket, Key: 'none', Body: 'x', ...extra })));
    expect(await put({ IfMatch: '"abc"' })).toMatchObject({ name: 'NoSuchKey', status: 404 });
    expect(await put({ IfNoneMatch: '"abc"' })).toMatchObject({ status: 501 });
  });

  test('whose object is deleted while the body comes in is 409', async () => {
    const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key: 'gone', Body: 'a' }));
    let finish = () => {};
    const deleted = new Promise<void>((resolve) => {
      finish = resolve;
    });
    async function* slowly() {
      yield Buffer.from('a');
      await deleted;
      yield Buffer.from('b');
    }
    const body = Readable.from(slowly());
    const put = failureOf(
      client.send(
        new PutObjectCommand({ Bucket, Key: 'gone', Body: body, ContentLength: 2, IfMatch: ETag }),
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
    finish();
    expect(await put).toMatchObject({ name: 'ConditionalRequestConflict', status: 409 });
  });

  test('guards a delete by the entity tag', async () => {
    const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key: 'del', Body: 'x' }));
    const remove = (IfMatch: string | undefined) =>
      client.send(new DeleteObjectCommand({ Bucket, Key: 'del', IfMatch }));
    expect(await failureOf(remove('"other"'))).toMatchObject({ status: 412 });
    await remove(ETag);
    expect(await failureOf(read('del'))).toMatchObject({ name: 'NoSuchKey' });
  });
});

describe('a copy', () => {
  test('takes metadata and tags along, or replaces them', async () => {
    await client.send(
      new PutObjectCommand({
        Bucket,
        Key: 'src #1 (50%)+.txt',
        Body: 'copy me',
        ContentType: 'text/plain',
        Metadata: { a: '1' },
        Tagging: 'team=blue&x=%2B',
      }),
    );
    const CopySource = `${Bucket}/${encodeURIComponent('src #1 (50%)+.txt')}`;
    const copied = await client.send(new CopyObjectCommand({ Bucket, Key: 'kept', CopySource }));
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'kept' }));
    expect(head).toMatchObject({ ContentType: 'text/plain', Metadata: { a: '1' } });
    expect(head.ETag).toBe(copied.CopyObjectResult?.ETag);
    const { TagSet } = await client.send(new GetObjectTaggingCommand({ Bucket, Key: 'kept' }));
    expect(TagSet).toEqual([
      { Key: 'team', Value: 'blue' },
      { Key: 'x', Value: '+' },
    ]);
    await client.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'replaced',
        CopySource,
        MetadataDirective: 'REPLACE',
        ContentType: 'text/csv',
        Metadata: { b: '2' },
      }),
    );
    const replaced = await client.send(new HeadObjectCommand({ Bucket, Key: 'replaced' }));
    expect(replaced).toMatchObject({ ContentType: 'text/csv', Metadata: { b: '2' } });
    expect(await read('replaced')).toBe('copy me');
    expect(s3.events.at(-1)).toMatchObject({ name: 'ObjectCreated:Copy', key: 'replaced' });
  });

  test('obeys the conditions on its source', async () => {
    const put = await client.send(new PutObjectCommand({ Bucket, Key: 'csrc', Body: 'x' }));
    const copy = (extra: object) =>
      client.send(
        new CopyObjectCommand({ Bucket, Key: 'cdst', CopySource: `${Bucket}/csrc`, ...extra }),
      );
    expect(await failureOf(copy({ CopySourceIfMatch: '"other"' }))).toMatchObject({ status: 412 });
    expect(await failureOf(copy({ CopySourceIfNoneMatch: put.ETag }))).toMatchObject({
      status: 412,
    });
    await copy({ CopySourceIfMatch: put.ETag });
  });

  test('onto itself needs a change', async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: 'self', Body: 'x' }));
    const copy = (extra: object) =>
      client.send(
        new CopyObjectCommand({ Bucket, Key: 'self', CopySource: `${Bucket}/self`, ...extra }),
      );
    expect(await failureOf(copy({}))).toMatchObject({ name: 'InvalidRequest' });
    await copy({ MetadataDirective: 'REPLACE', Metadata: { now: 'changed' } });
    expect(await read('self')).toBe('x');
  });
});

describe('deleting', () => {
  test('many objects answers for each, also for those that were not there', async () => {
    const keys = ['d/1', 'd/&<>"\'', 'd/ two\r\n', 'd/never'];
    for (const Key of keys.slice(0, 3)) {
      await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    }
    const before = s3.events.length;
    const { Deleted, Errors } = await client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } }),
    );
    expect(Errors).toBeUndefined();
    expect(Deleted).toHaveLength(4);
    expect(s3.events.slice(before).map(({ name, key }) => [name, key])).toEqual(
      keys.slice(0, 3).map((key) => ['ObjectRemoved:Delete', key]),
    );
  });

  test('a document that is not XML is refused', async () => {
    for (const body of ['<Delete><Object>', '<!DOCTYPE x []><Delete/>', 'hello', '<Other/>']) {
      const response = await signedFetch(`${s3.endpoint}/${Bucket}?delete`, {
        method: 'POST',
        body,
      });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain('<Code>MalformedXML</Code>');
    }
  });
});

describe('object tags', () => {
  test('are put, read, counted and removed, with their events', async () => {
    const Key = 'tagged';
    await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    await client.send(
      new PutObjectTaggingCommand({
        Bucket,
        Key,
        Tagging: { TagSet: [{ Key: '팀', Value: 'a & b' }] },
      }),
    );
    expect((await client.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet).toEqual([
      { Key: '팀', Value: 'a & b' },
    ]);
    expect((await client.send(new HeadObjectCommand({ Bucket, Key }))).TagCount).toBe(1);
    await client.send(new DeleteObjectTaggingCommand({ Bucket, Key }));
    expect((await client.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet).toEqual([]);
    expect(s3.events.filter(({ key }) => key === Key).map(({ name }) => name)).toEqual([
      'ObjectCreated:Put',
      'ObjectTagging:Put',
      'ObjectTagging:Delete',
    ]);
  });
});

test('sequencers of one key grow, whatever happens to it', async () => {
  for (let round = 0; round < 5; round += 1) {
    await client.send(new PutObjectCommand({ Bucket, Key: 'seq', Body: `${round}` }));
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'seq' }));
  }
  const sequencers = s3.events.filter(({ key }) => key === 'seq').map((event) => event.sequencer);
  expect(sequencers).toHaveLength(10);
  expect(sequencers).toEqual([...new Set(sequencers)].sort());
  for (const sequencer of sequencers) expect(sequencer).toMatch(/^[0-9A-F]{16}$/);
});
