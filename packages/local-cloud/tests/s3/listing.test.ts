import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureOf, type Harness, startS3 } from './harness.ts';

let s3: Harness;
let client: S3Client;
let buckets = 0;

beforeAll(async () => {
  s3 = await startS3();
  client = s3.client();
});
afterAll(() => s3.stop());

async function bucketWith(keys: readonly string[], versioning = false): Promise<string> {
  buckets += 1;
  const Bucket = `listing-${buckets}`;
  s3.engine.createBucket(Bucket, { versioning });
  for (const Key of keys) await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  return Bucket;
}

async function listV2(Bucket: string, extra: object = {}) {
  const keys: string[] = [];
  const prefixes: string[] = [];
  let ContinuationToken: string | undefined;
  let pages = 0;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket, EncodingType: 'url', ...extra, ContinuationToken }),
    );
    const decode = (text = '') => decodeURIComponent(text.replaceAll('+', '%20'));
    keys.push(...(page.Contents ?? []).map(({ Key }) => decode(Key)));
    prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => decode(Prefix)));
    expect(page.KeyCount).toBe((page.Contents?.length ?? 0) + (page.CommonPrefixes?.length ?? 0));
    ContinuationToken = page.NextContinuationToken;
    pages += 1;
  } while (ContinuationToken);
  return { keys, prefixes, pages };
}

function byBytes(keys: readonly string[]): string[] {
  return [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

const AWKWARD = [
  'a b',
  'a+b',
  'a%20b',
  'a%2Bb',
  'a#b',
  'a?b=c&d',
  '//double//slash//',
  '../../../etc/passwd',
  './.',
  'trailing/',
  '사진 #1 (50%)+.jpg',
  '결제를',
  '😀/emoji 😀',
  '\uff61',
  'quotes " \' < > &',
  '*!()~',
  'tab\tnewline\nreturn\r',
  'x'.repeat(1024),
];

test('awkward keys round-trip and list in UTF-8 byte order', async () => {
  const Bucket = await bucketWith(AWKWARD);
  for (const Key of AWKWARD) {
    const got = await client.send(new GetObjectCommand({ Bucket, Key }));
    expect(await got.Body?.transformToString()).toBe(Key);
  }
  expect((await listV2(Bucket, { MaxKeys: 3 })).keys).toEqual(byBytes(AWKWARD));
  const plain = await client.send(new ListObjectsV2Command({ Bucket }));
  expect(plain.Contents?.map(({ Key }) => Key)).toEqual(byBytes(AWKWARD));
});

test('a key over 1,024 bytes is refused', async () => {
  const Bucket = await bucketWith([]);
  const Key = '한'.repeat(342);
  expect(
    await failureOf(client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))),
  ).toMatchObject({ name: 'KeyTooLongError', status: 400 });
});

test('any key round-trips, and any page size lists the same', async () => {
  const key = fc
    .oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
      fc.string({ unit: fc.constantFrom('a', 'b', '/', '한', '😀', '+', '%'), minLength: 1 }),
    )
    // A path of one dot segment is resolved by HTTP clients before it is sent.
    .filter((text) => text.isWellFormed() && !/^\/+$/.test(text));
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom('', 'a', '한', 'a/'),
      fc.constantFrom('', '/', 'b', '한/'),
      async (keys, MaxKeys, Prefix, Delimiter) => {
        const Bucket = await bucketWith(keys);
        for (const Key of keys) {
          const got = await client.send(new GetObjectCommand({ Bucket, Key }));
          expect(await got.Body?.transformToString()).toBe(Key);
        }
        const listed = await listV2(Bucket, { MaxKeys, Prefix, Delimiter });
        expect(listed).toMatchObject(rolledUp(keys, Prefix, Delimiter));
      },
    ),
    { numRuns: 40 },
  );
}, 60_000);

/** The listing by its definition, without any cleverness. */
function rolledUp(keys: readonly string[], prefix: string, delimiter: string) {
  const matching = byBytes(keys).filter((one) => one.startsWith(prefix));
  const prefixOf = (one: string) => {
    const at = delimiter === '' ? -1 : one.indexOf(delimiter, prefix.length);
    return at < 0 ? undefined : one.slice(0, at + delimiter.length);
  };
  return {
    keys: matching.filter((one) => prefixOf(one) === undefined),
    prefixes: byBytes([...new Set(matching.flatMap((one) => prefixOf(one) ?? []))]),
  };
}

describe('a listing', () => {
  const keys = ['a', 'b/1', 'b/2', 'b/3/x', 'c', 'd/1', 'e'];

  test('folds keys by delimiter and pages through both kinds of entries', async () => {
    const Bucket = await bucketWith(keys);
    expect(await listV2(Bucket, { Delimiter: '/', MaxKeys: 2 })).toEqual({
      keys: ['a', 'c', 'e'],
      prefixes: ['b/', 'd/'],
      pages: 3,
    });
    expect(await listV2(Bucket, { Delimiter: '/', Prefix: 'b/' })).toMatchObject({
      keys: ['b/1', 'b/2'],
      prefixes: ['b/3/'],
    });
    expect((await listV2(Bucket, { StartAfter: 'b/2' })).keys).toEqual(keys.slice(3));
    expect(await listV2(Bucket, { MaxKeys: 0 })).toEqual({ keys: [], prefixes: [], pages: 1 });
  });

  test('of version 1 goes on by marker', async () => {
    const Bucket = await bucketWith(keys);
    const seen: string[] = [];
    let Marker: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsCommand({ Bucket, Delimiter: '/', MaxKeys: 1, Marker }),
      );
      seen.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
      seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix ?? ''));
      Marker = page.NextMarker;
    } while (Marker);
    expect(seen).toEqual(['a', 'b/', 'c', 'd/', 'e']);
  });

  test('refuses a token, a number or an encoding that is none', async () => {
    const Bucket = await bucketWith([]);
    const refused = async (extra: object) =>
      (await failureOf(client.send(new ListObjectsV2Command({ Bucket, ...extra })))).name;
    expect(await refused({ ContinuationToken: 'nonsense' })).toBe('InvalidArgument');
    expect(await refused({ MaxKeys: -1 })).toBe('InvalidArgument');
    expect(await refused({ EncodingType: 'base64' })).toBe('InvalidArgument');
  });
});

test('emptying a versioned bucket page by page reaches every version', async () => {
  const Bucket = await bucketWith(['a', 'a', 'a', 'b', 'b', 'c'], true);
  let KeyMarker: string | undefined;
  let VersionIdMarker: string | undefined;
  let removed = 0;
  do {
    const page = await client.send(
      new ListObjectVersionsCommand({ Bucket, MaxKeys: 2, KeyMarker, VersionIdMarker }),
    );
    const Objects = (page.Versions ?? []).map(({ Key, VersionId }) => ({ Key, VersionId }));
    await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    removed += Objects.length;
    KeyMarker = page.NextKeyMarker;
    VersionIdMarker = page.NextVersionIdMarker;
  } while (KeyMarker);
  expect(removed).toBe(6);
  s3.engine.deleteBucket(Bucket);
});
