import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureOf, type Harness, startS3, storedContents } from './harness.ts';

const Bucket = 'millrace-local-media';
const MIB = 1024 ** 2;
let s3: Harness;
let client: S3Client;

beforeAll(async () => {
  s3 = await startS3();
  s3.engine.createBucket(Bucket);
  client = s3.client();
});
afterAll(() => s3.stop());

async function begin(Key: string, extra: object = {}): Promise<string> {
  const created = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...extra }));
  return created.UploadId ?? '';
}

async function put(
  Key: string,
  UploadId: string,
  PartNumber: number,
  Body: Buffer | string,
  extra: object = {},
): Promise<CompletedPart> {
  const sent = await client.send(
    new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ...extra }),
  );
  return { PartNumber, ETag: sent.ETag };
}

function complete(Key: string, UploadId: string, Parts: CompletedPart[], extra: object = {}) {
  return client.send(
    new CompleteMultipartUploadCommand({
      Bucket,
      Key,
      UploadId,
      MultipartUpload: { Parts },
      ...extra,
    }),
  );
}

/** Compares bytes without the minutes that a diff of megabytes takes. */
async function holds(Key: string, expected: Buffer, extra: object = {}): Promise<boolean> {
  const got = await client.send(new GetObjectCommand({ Bucket, Key, ...extra }));
  return expected.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0));
}

describe('a multipart upload', () => {
  test('becomes one object with the composite entity tag and one event', async () => {
    const [first, second] = [randomBytes(5 * MIB), randomBytes(1000)];
    const UploadId = await begin('two', { ContentType: 'video/mp4', Metadata: { a: 'b' } });
    const parts = [
      await put('two', UploadId, 2, second),
      await put('two', UploadId, 7, 'never used'),
      await put('two', UploadId, 1, first),
    ].sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0));
    const before = storedContents(s3);
    const done = await complete('two', UploadId, parts.slice(0, 2));
    const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest();
    const etag = md5(Buffer.concat([md5(first), md5(second)])).toString('hex');
    expect(done.ETag).toBe(`"${etag}-2"`);
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'two' }));
    expect(head).toMatchObject({ ContentType: 'video/mp4', Metadata: { a: 'b' } });
    expect(await holds('two', Buffer.concat([first, second]))).toBe(true);
    expect(s3.events.filter(({ key }) => key === 'two')).toMatchObject([
      { name: 'ObjectCreated:CompleteMultipartUpload', eTag: `${etag}-2`, size: 5 * MIB + 1000 },
    ]);
    await expect.poll(() => storedContents(s3)).toBe(before - 1);
    const across = Buffer.concat([first.subarray(-3), second.subarray(0, 3)]);
    const Range = `bytes=${5 * MIB - 3}-${5 * MIB + 2}`;
    expect(await holds('two', across, { Range })).toBe(true);
    const part = await client.send(new HeadObjectCommand({ Bucket, Key: 'two', PartNumber: 2 }));
    expect(part).toMatchObject({ ContentLength: 1000, PartsCount: 2 });
  });

  test('completed again, because the answer was lost, answers the same and fires no event', async () => {
    const UploadId = await begin('again');
    const parts = [await put('again', UploadId, 1, 'x')];
    const first = await complete('again', UploadId, parts);
    const second = await complete('again', UploadId, parts);
    expect(second.ETag).toBe(first.ETag);
    expect(s3.events.filter(({ key }) => key === 'again')).toHaveLength(1);
    expect(await failureOf(put('again', UploadId, 2, 'late'))).toMatchObject({
      name: 'NoSuchUpload',
    });
  });

  test('with too small, unordered, unknown or no parts is refused and stays open', async () => {
    const UploadId = await begin('bad');
    const one = await put('bad', UploadId, 1, 'small');
    const two = await put('bad', UploadId, 2, 'small too');
    const refused = async (parts: CompletedPart[]) =>
      (await failureOf(complete('bad', UploadId, parts))).name;
    expect(await refused([one, two])).toBe('EntityTooSmall');
    expect(await refused([two, one])).toBe('InvalidPartOrder');
    expect(await refused([one, { PartNumber: 3, ETag: '"00"' }])).toBe('InvalidPart');
    expect(await refused([{ PartNumber: 1, ETag: '"00"' }])).toBe('InvalidPart');
    expect(await refused([])).toBe('MalformedXML');
    await complete('bad', UploadId, [one]);
  });

  test('a part sent again replaces the one before', async () => {
    const UploadId = await begin('replace');
    await put('replace', UploadId, 1, 'old');
    const parts = [await put('replace', UploadId, 1, 'new')];
    await complete('replace', UploadId, parts);
    const got = await client.send(new GetObjectCommand({ Bucket, Key: 'replace' }));
    expect(await got.Body?.transformToString()).toBe('new');
  });

  test('aborted leaves no upload and no bytes', async () => {
    const before = storedContents(s3);
    const UploadId = await begin('abort');
    await put('abort', UploadId, 1, 'x');
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key: 'abort', UploadId }));
    expect(await failureOf(put('abort', UploadId, 2, 'x'))).toMatchObject({
      name: 'NoSuchUpload',
      status: 404,
    });
    await expect.poll(() => storedContents(s3)).toBe(before);
  });

  test('completes under a condition for exactly one of several racers', async () => {
    const uploads = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const UploadId = await begin('raced');
        return { UploadId, parts: [await put('raced', UploadId, 1, UploadId)] };
      }),
    );
    const outcomes = await Promise.all(
      uploads.map(({ UploadId, parts }) =>
        complete('raced', UploadId, parts, { IfNoneMatch: '*' }).then(
          () => 'won',
          (error: Error) => error.name,
        ),
      ),
    );
    expect(outcomes.sort()).toEqual([...Array(4).fill('PreconditionFailed'), 'won']);
    expect(
      await failureOf(
        (async () => {
          const UploadId = await begin('absent');
          const parts = [await put('absent', UploadId, 1, 'x')];
          await complete('absent', UploadId, parts, { IfMatch: '"abc"' });
        })(),
      ),
    ).toMatchObject({ name: 'NoSuchKey', status: 404 });
  });

  test('lists its parts and the uploads under way, page by page', async () => {
    const UploadId = await begin('listed/a');
    await begin('listed/a');
    await begin('listed/b/c');
    for (const number of [3, 1, 2]) await put('listed/a', UploadId, number, `part ${number}`);
    const first = await client.send(
      new ListPartsCommand({ Bucket, Key: 'listed/a', UploadId, MaxParts: 2 }),
    );
    expect(first.Parts?.map((part) => [part.PartNumber, part.Size])).toEqual([
      [1, 6],
      [2, 6],
    ]);
    expect(first).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '2' });
    const rest = await client.send(
      new ListPartsCommand({ Bucket, Key: 'listed/a', UploadId, PartNumberMarker: '2' }),
    );
    expect(rest.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([3]);

    const list = (extra: object) =>
      client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'listed/', ...extra }));
    const page = await list({ MaxUploads: 1 });
    expect(page.Uploads?.map(({ Key }) => Key)).toEqual(['listed/a']);
    const next = await list({
      KeyMarker: page.NextKeyMarker,
      UploadIdMarker: page.NextUploadIdMarker,
    });
    expect(next.Uploads?.map(({ Key }) => Key)).toEqual(['listed/a', 'listed/b/c']);
    expect((await list({ Delimiter: '/' })).CommonPrefixes).toEqual([{ Prefix: 'listed/b/' }]);
  });

  test('takes parts from ranges of other objects', async () => {
    const body = randomBytes(6 * MIB);
    await client.send(new PutObjectCommand({ Bucket, Key: 'origin', Body: body }));
    const UploadId = await begin('copied');
    const copy = async (PartNumber: number, CopySourceRange: string) => {
      const sent = await client.send(
        new UploadPartCopyCommand({
          Bucket,
          Key: 'copied',
          UploadId,
          PartNumber,
          CopySource: `${Bucket}/origin`,
          CopySourceRange,
        }),
      );
      return { PartNumber, ETag: sent.CopyPartResult?.ETag };
    };
    const parts = [
      await copy(1, `bytes=0-${5 * MIB - 1}`),
      await copy(2, `bytes=${5 * MIB}-${6 * MIB - 1}`),
    ];
    expect(await failureOf(copy(3, `bytes=0-${6 * MIB}`))).toMatchObject({ status: 416 });
    await complete('copied', UploadId, parts);
    expect(await holds('copied', body)).toBe(true);
  });
});

describe('the checksum of a multipart upload', () => {
  const bodies = [randomBytes(5 * MIB), randomBytes(77_777)];

  test.each([
    ['CRC32', 'COMPOSITE'],
    ['CRC32C', 'COMPOSITE'],
    ['SHA1', 'COMPOSITE'],
    ['SHA256', 'COMPOSITE'],
  ] as const)('%s %s is checked part by part', async (ChecksumAlgorithm, ChecksumType) => {
    const Key = `sum-${ChecksumAlgorithm}`;
    const upload = new Upload({
      client,
      params: { Bucket, Key, Body: Buffer.concat(bodies), ChecksumAlgorithm },
    });
    const done = await upload.done();
    const value = done[`Checksum${ChecksumAlgorithm}`];
    expect(value).toMatch(/-2$/);
    const head = await client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({ ChecksumType, [`Checksum${ChecksumAlgorithm}`]: value });
    const UploadId = await begin(Key, { ChecksumAlgorithm });
    const parts = [await put(Key, UploadId, 1, 'x', { ChecksumAlgorithm })];
    expect(await failureOf(complete(Key, UploadId, parts))).toMatchObject({
      name: 'InvalidRequest',
    });
  });

  test.each(['CRC32', 'CRC32C', 'CRC64NVME'] as const)(
    '%s FULL_OBJECT equals that of the same bytes in one put',
    async (ChecksumAlgorithm) => {
      const Key = `full-${ChecksumAlgorithm}`;
      // The client library has CRC64NVME only with a native add-on: leave that one to the server.
      const named = ChecksumAlgorithm === 'CRC64NVME' ? {} : { ChecksumAlgorithm };
      const UploadId = await begin(Key, {
        ...named,
        ...(named.ChecksumAlgorithm ? { ChecksumType: 'FULL_OBJECT' } : {}),
      });
      const parts: CompletedPart[] = [];
      for (const [index, Body] of bodies.entries()) {
        const sent = await client.send(
          new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: index + 1, Body, ...named }),
        );
        parts.push({ PartNumber: index + 1, ETag: sent.ETag });
      }
      await complete(Key, UploadId, parts);
      const member = `Checksum${ChecksumAlgorithm}` as const;
      const whole = await headOfSinglePut(Key, ChecksumAlgorithm);
      const head = await client.send(
        new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }),
      );
      expect(head.ChecksumType).toBe('FULL_OBJECT');
      expect(head[member]).toBe(whole[member]);
      expect(head[member]).toBeDefined();
    },
  );

  test('may be missing of the parts where the whole has one of its own, and only there', async () => {
    const plain = s3.client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
    const sendPart = async (extra: object) => {
      const UploadId = await begin('parts-without', { ChecksumAlgorithm: 'CRC32', ...extra });
      const part = { Bucket, Key: 'parts-without', UploadId, PartNumber: 1, Body: 'x' };
      return plain.send(new UploadPartCommand(part));
    };
    expect((await sendPart({ ChecksumType: 'FULL_OBJECT' })).ETag).toBeDefined();
    expect(await failureOf(sendPart({}))).toMatchObject({
      name: 'InvalidRequest',
      message: expect.stringContaining('expected checksum Type: crc32, actual checksum Type: null'),
    });
  });

  test('of the whole is compared when it is completed; a wrong one leaves the parts as they are', async () => {
    const Key = 'held';
    const whole = { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' };
    const UploadId = await begin(Key, whole);
    const parts = [await put(Key, UploadId, 1, 'x', { ChecksumAlgorithm: 'CRC32' })];
    for (const wrong of [
      { ChecksumCRC32: 'AAAAAA==' },
      { ChecksumCRC32C: 'AAAAAA==' },
      { ChecksumType: 'COMPOSITE' },
    ]) {
      expect(await failureOf(complete(Key, UploadId, parts, wrong))).toMatchObject({
        name: 'BadDigest',
      });
    }
    const ChecksumCRC32 = 'jNwWgw==';
    const done = await complete(Key, UploadId, parts, { ChecksumCRC32, ...whole });
    expect(done.ChecksumCRC32).toBe(ChecksumCRC32);
  });

  async function headOfSinglePut(Key: string, algorithm: 'CRC32' | 'CRC32C' | 'CRC64NVME') {
    const one = s3.client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
    await one.send(
      new PutObjectCommand({
        Bucket,
        Key: `${Key}-one`,
        Body: Buffer.concat(bodies),
        ...(algorithm === 'CRC64NVME' ? {} : { ChecksumAlgorithm: algorithm }),
      }),
    );
    return client.send(
      new HeadObjectCommand({ Bucket, Key: `${Key}-one`, ChecksumMode: 'ENABLED' }),
    );
  }
});

test('lib-storage uploads a large stream part by part', async () => {
  const body = randomBytes(23 * MIB);
  async function* pieces() {
    for (let at = 0; at < body.length; at += 100_000) yield body.subarray(at, at + 100_000);
  }
  const upload = new Upload({
    client,
    params: { Bucket, Key: 'lib-storage', Body: Readable.from(pieces()) },
    queueSize: 4,
  });
  await upload.done();
  expect(await holds('lib-storage', body)).toBe(true);
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'lib-storage' }));
});
