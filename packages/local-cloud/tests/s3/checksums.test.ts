import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AwsChunkedDecoder } from '../../src/s3/aws-chunked.ts';
import { CHECKSUM_ALGORITHMS, createDigester } from '../../src/s3/checksums.ts';
import { combineCrc } from '../../src/s3/crc.ts';
import { codeIn, type Harness, signedFetch, startS3, storedContents } from './harness.ts';

const Bucket = 'checked';
const BODY = 'the body that was meant';
let s3: Harness;
let client: S3Client;

beforeAll(async () => {
  s3 = await startS3();
  s3.engine.createBucket(Bucket);
  client = s3.client();
});
afterAll(() => s3.stop());

function digestOf(algorithm: (typeof CHECKSUM_ALGORITHMS)[number], text: string | Buffer): Buffer {
  const digester = createDigester(algorithm);
  digester.update(Buffer.from(text));
  return digester.digest();
}

async function put(headers: Record<string, string>, body = BODY): Promise<[number, string]> {
  const url = `${s3.endpoint}/${Bucket}/key`;
  const response = await signedFetch(url, { method: 'PUT', body, headers });
  return [response.status, codeIn(await response.text()) ?? ''];
}

// The check values of the catalogue of parametrised CRC algorithms.
test.each([
  ['CRC32', 'cbf43926'],
  ['CRC32C', 'e3069283'],
  ['CRC64NVME', 'ae8b14860a799888'],
] as const)('%s gives its check value', (algorithm, expected) => {
  expect(digestOf(algorithm, '123456789').toString('hex')).toBe(expected);
});

test('a CRC is the same however the bytes are cut, and combines from its parts', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 100 }),
      fc.uint8Array({ maxLength: 100 }),
      fc.constantFrom('CRC32', 'CRC32C', 'CRC64NVME'),
      (left, right, algorithm) => {
        const whole = digestOf(algorithm, Buffer.concat([left, right]));
        const cut = createDigester(algorithm);
        cut.update(left);
        cut.update(right);
        expect(cut.digest()).toEqual(whole);
        const [first, second] = [Buffer.from(left), Buffer.from(right)];
        expect(
          combineCrc(
            algorithm,
            digestOf(algorithm, first),
            digestOf(algorithm, second),
            second.length,
          ),
        ).toEqual(whole);
      },
    ),
  );
});

describe('a body with a wrong promise is refused and not stored', () => {
  test.each(CHECKSUM_ALGORITHMS)('%s', async (algorithm) => {
    const name = `x-amz-checksum-${algorithm.toLowerCase()}`;
    const right = digestOf(algorithm, BODY).toString('base64');
    const wrong = digestOf(algorithm, 'another').toString('base64');
    expect(await put({ [name]: right })).toEqual([200, '']);
    expect(await put({ [name]: wrong })).toEqual([400, 'BadDigest']);
    expect(await put({ [name]: 'not base64!' })).toEqual([400, 'InvalidRequest']);
    await expect.poll(() => storedContents(s3)).toBe(1);
    const got = await client.send(
      new GetObjectCommand({ Bucket, Key: 'key', ChecksumMode: 'ENABLED' }),
    );
    expect(got[`Checksum${algorithm}`]).toBe(right);
    expect(got.ChecksumType).toBe('FULL_OBJECT');
    expect(await got.Body?.transformToString()).toBe(BODY);
  });

  test('Content-MD5 and x-amz-content-sha256', async () => {
    const md5 = (text: string) => createHash('md5').update(text).digest('base64');
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(await put({ 'content-md5': md5(BODY) })).toEqual([200, '']);
    expect(await put({ 'content-md5': md5('other') })).toEqual([400, 'BadDigest']);
    expect(await put({ 'content-md5': 'short' })).toEqual([400, 'InvalidDigest']);
    expect(await put({ 'x-amz-content-sha256': sha256(BODY) })).toEqual([200, '']);
    expect(await put({ 'x-amz-content-sha256': sha256('other') })).toEqual([
      400,
      'XAmzContentSHA256Mismatch',
    ]);
    expect(await put({ 'x-amz-content-sha256': 'nonsense' })).toEqual([400, 'InvalidArgument']);
  });

  test('two checksums, or an algorithm without a checksum', async () => {
    expect(
      await put({ 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-crc32c': 'AAAAAA==' }),
    ).toEqual([400, 'InvalidRequest']);
    expect(await put({ 'x-amz-sdk-checksum-algorithm': 'CRC32' })).toEqual([400, 'InvalidRequest']);
  });
});

test('an object without any checksum gets AWS’s default, CRC64NVME', async () => {
  await put({});
  const got = await client.send(
    new GetObjectCommand({ Bucket, Key: 'key', ChecksumMode: 'ENABLED', Range: 'bytes=0-99' }),
  );
  expect(got.ChecksumCRC64NVME).toBe(digestOf('CRC64NVME', BODY).toString('base64'));
  const ranged = await client.send(
    new GetObjectCommand({ Bucket, Key: 'key', ChecksumMode: 'ENABLED', Range: 'bytes=0-3' }),
  );
  expect(ranged.ChecksumCRC64NVME).toBeUndefined();
  expect(await ranged.Body?.transformToString()).toBe('the ');
});

describe('an aws-chunked body', () => {
  const crc = (text: string) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(text));
    return bytes.toString('base64');
  };
  const trailing = {
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'content-encoding': 'aws-chunked',
    'x-amz-trailer': 'x-amz-checksum-crc32',
    'x-amz-decoded-content-length': String(BODY.length),
  };
  const chunked = (trailer: string) =>
    `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n${trailer}\r\n`;

  test('is decoded, and its trailing checksum verified', async () => {
    expect(await put(trailing, chunked(`x-amz-checksum-crc32:${crc(BODY)}\r\n`))).toEqual([
      200,
      '',
    ]);
    const got = await client.send(new GetObjectCommand({ Bucket, Key: 'key' }));
    expect(await got.Body?.transformToString()).toBe(BODY);
    expect(got.ContentEncoding).toBeUndefined();
    expect(await put(trailing, chunked(`x-amz-checksum-crc32:${crc('other')}\r\n`))).toEqual([
      400,
      'BadDigest',
    ]);
    expect(await put(trailing, chunked(''))).toEqual([400, 'InvalidRequest']);
  });

  test('with signed chunks is decoded too', async () => {
    const signature = `chunk-signature=${'0'.repeat(64)}`;
    const body = `5;${signature}\r\nhello\r\n3;${signature}\r\n...\r\n0;${signature}\r\n\r\n`;
    const headers = {
      'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      'x-amz-decoded-content-length': '8',
    };
    expect(await put(headers, body)).toEqual([200, '']);
    const got = await client.send(new GetObjectCommand({ Bucket, Key: 'key' }));
    expect(await got.Body?.transformToString()).toBe('hello...');
  });

  test.each([
    ['cut off in a chunk', 'ff\r\nabc'],
    ['without its end', `${BODY.length.toString(16)}\r\n${BODY}\r\n`],
    ['with a size that is none', `zz\r\n${BODY}\r\n0\r\n\r\n`],
    ['shorter than it says', '3\r\nabc\r\n0\r\n\r\n'],
  ])('%s is refused', async (_name, body) => {
    const { 'x-amz-trailer': _trailer, ...headers } = trailing;
    expect(await put(headers, body)).toEqual([400, 'IncompleteBody']);
  });

  test('is decoded the same wherever the network cuts it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 5 }),
        fc.array(fc.nat(400), { maxLength: 8 }),
        (chunks, cuts) => {
          const wire = Buffer.concat([
            ...chunks.flatMap((chunk) => [
              Buffer.from(`${chunk.length.toString(16)}\r\n`),
              chunk,
              Buffer.from('\r\n'),
            ]),
            Buffer.from('0\r\nx-amz-checksum-crc32: AAAA\r\n\r\n'),
          ]);
          const decoder = new AwsChunkedDecoder();
          const edges = [0, ...cuts.filter((cut) => cut < wire.length).sort((a, b) => a - b)];
          const decoded = edges.flatMap((edge, index) =>
            [...decoder.decode(wire.subarray(edge, edges[index + 1]))].map((part) =>
              Buffer.from(part),
            ),
          );
          decoder.end();
          expect(Buffer.concat(decoded)).toEqual(Buffer.concat(chunks));
          expect(decoder.trailers.get('x-amz-checksum-crc32')).toBe('AAAA');
        },
      ),
    );
  });
});

test('a chunked transfer without a length is refused, as S3 does', async () => {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(randomBytes(10));
      controller.close();
    },
  });
  const init = { method: 'PUT', body, duplex: 'half' } as RequestInit;
  const response = await signedFetch(`${s3.endpoint}/${Bucket}/key`, init);
  expect([response.status, codeIn(await response.text())]).toEqual([411, 'MissingContentLength']);
  // The connection and the engine go on.
  await client.send(new PutObjectCommand({ Bucket, Key: 'next', Body: 'x' }));
});
