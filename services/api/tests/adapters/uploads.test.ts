import { createHash, randomBytes } from 'node:crypto';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Checksum, UploadRequest } from '@millrace/types';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDigester } from '../../../../packages/local-cloud/src/s3/checksums.ts';
import {
  codeIn,
  type Harness,
  startS3,
} from '../../../../packages/local-cloud/tests/s3/harness.ts';
import { s3Uploads } from '../../src/adapters/s3-uploads.ts';
import { completeUpload } from '../../src/domain/files/complete-upload.ts';
import {
  announceUpload,
  ticketFor,
  type UploadPorts,
} from '../../src/domain/files/create-upload.ts';
import { readUpload, signParts } from '../../src/domain/files/resume-upload.ts';
import { memoryFileStore } from '../support/memory-stores.ts';

const BUCKET = 'millrace-local-uploads';
const MIB = 1024 ** 2;
const tenant = 'acme';
const now = Date.now();

let s3: Harness;
let client: S3Client;
let ports: UploadPorts;
beforeAll(async () => {
  s3 = await startS3();
  s3.engine.createBucket(BUCKET);
  client = s3.client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
});
beforeEach(() => {
  ports = { files: memoryFileStore(), uploads: s3Uploads(client, BUCKET) };
});
afterAll(() => s3.stop());

const checksumOf = (algorithm: Checksum['algorithm'], bytes: Uint8Array): Checksum => {
  const digester = createDigester(algorithm);
  digester.update(bytes);
  return { algorithm, value: digester.digest().toString('base64') };
};

async function announce(size: number, more: Partial<UploadRequest> = {}, idempotencyKey?: string) {
  const request = { fileName: '사진 #1.bin', contentType: 'image/png', size, ...more };
  const announced = await announceUpload(request, { tenant, idempotencyKey, now }, ports);
  return { announced, ticket: await ticketFor(announced, request, { ...ports, now }) };
}

interface Target {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}
async function send({ url, headers = {} }: Target, body: Uint8Array, more: object = {}) {
  const { 'content-length': _, ...sent } = headers;
  const init = { method: 'PUT', headers: { ...sent, ...more }, body: Buffer.from(body) };
  const response = await fetch(url, init);
  return { status: response.status, code: codeIn(await response.text()) ?? '' };
}

const read = (fileId: string) => readUpload({ tenant, fileId, now }, ports);
const sign = (fileId: string, parts: { partNumber: number; checksum?: Checksum }[]) =>
  signParts({ tenant, fileId, now, parts }, ports);
const complete = (fileId: string, more: object = {}) =>
  completeUpload({ tenant, fileId, ...more }, ports);

describe('a single PUT', () => {
  const bytes = randomBytes(1000);
  const others = randomBytes(1000);

  it.each(['CRC64NVME', 'CRC32', 'CRC32C', 'SHA256'] as const)(
    'takes only the bytes whose %s was announced',
    async (algorithm) => {
      const { ticket } = await announce(1000, { checksum: checksumOf(algorithm, bytes) });
      const target = ticket.upload as Target;
      const header = `x-amz-checksum-${algorithm.toLowerCase()}`;
      expect(Object.keys(target.headers ?? {})).toContain(header);
      expect(await send(target, others)).toEqual({ status: 400, code: 'BadDigest' });
      const forged = checksumOf(algorithm, others).value;
      expect(await send(target, others, { [header]: forged })).toEqual({
        status: 403,
        code: 'SignatureDoesNotMatch',
      });
      expect((await send(target, bytes.subarray(1))).status).toBe(403);
      await expect(complete(ticket.fileId)).rejects.toMatchObject({ code: 'upload_incomplete' });
      expect((await send(target, bytes)).status).toBe(200);
      expect(await complete(ticket.fileId)).toMatchObject({ fileId: ticket.fileId });
    },
  );

  it.each([999, 1001])('of 1,000 bytes takes no %i', async (size) => {
    const { ticket } = await announce(1000);
    expect((await send(ticket.upload as Target, randomBytes(size))).status).toBe(403);
  });

  it('can be renewed until its bytes are there', async () => {
    const { ticket } = await announce(1000, { checksum: checksumOf('SHA256', bytes) });
    const { upload } = await read(ticket.fileId);
    if (upload?.kind !== 'single') throw new TypeError('It must be a single PUT.');
    expect(upload.headers).toEqual((ticket.upload as Target).headers);
    expect((await send(upload, bytes)).status).toBe(200);
    expect(await read(ticket.fileId)).toEqual({
      fileId: ticket.fileId,
      status: 'awaiting-upload',
      size: 1000,
    });
  });

  it('is completed only with the checksum of what arrived', async () => {
    const { ticket } = await announce(1000);
    await send(ticket.upload as Target, bytes);
    await expect(
      complete(ticket.fileId, { checksum: checksumOf('CRC64NVME', others) }),
    ).rejects.toMatchObject({ code: 'checksum_mismatch' });
    await expect(
      complete(ticket.fileId, { checksum: checksumOf('SHA256', bytes) }),
    ).rejects.toMatchObject({ code: 'invalid_request' });
    await complete(ticket.fileId, { checksum: checksumOf('CRC64NVME', bytes) });
  });

  it('has no parts', async () => {
    const { ticket } = await announce(1000);
    await expect(sign(ticket.fileId, [{ partNumber: 1 }])).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it('announced again with another checksum is another upload', async () => {
    await announce(1000, { checksum: checksumOf('CRC32', bytes) }, 'key');
    await expect(
      announce(1000, { checksum: checksumOf('CRC32', others) }, 'key'),
    ).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  });
});

describe('a multipart upload', () => {
  const bytes = randomBytes(64 * MIB + 1);
  const part = (number: number) => bytes.subarray((number - 1) * 16 * MIB, number * 16 * MIB);
  const begin = async (more: Partial<UploadRequest> = {}) => {
    const { announced, ticket } = await announce(bytes.length, more);
    return { fileId: ticket.fileId, key: announced.key, upload: ticket.upload };
  };
  const multipart = async (fileId: string) => {
    const { upload } = await read(fileId);
    if (upload?.kind !== 'multipart') throw new TypeError('It must be a multipart upload.');
    return upload;
  };
  /** As a client does that knows nothing but the id. */
  const sendMissing = async (fileId: string) => {
    const { missing } = await multipart(fileId);
    const { parts } = await sign(
      fileId,
      missing.map((partNumber) => ({ partNumber })),
    );
    for (const target of parts) {
      expect((await send(target, part(target.partNumber))).status).toBe(200);
    }
  };

  it('is gone on with by its id alone, and completed without its parts being named', async () => {
    const { fileId, key, upload } = await begin();
    if (upload.kind !== 'multipart') throw new TypeError('It must be a multipart upload.');
    for (const { partNumber, url } of upload.parts.filter(({ partNumber: n }) => n % 2 === 0)) {
      await send({ url }, part(partNumber));
    }
    const half = await multipart(fileId);
    expect(half).toMatchObject({
      partSize: 16 * MIB,
      receivedBytes: 32 * MIB,
      missing: [1, 3, 5],
      checksumAlgorithm: 'CRC64NVME',
    });
    expect(half.received.map(({ partNumber, checksum }) => [partNumber, checksum])).toEqual([
      [2, checksumOf('CRC64NVME', part(2))],
      [4, checksumOf('CRC64NVME', part(4))],
    ]);
    await expect(complete(fileId)).rejects.toMatchObject({ code: 'upload_incomplete' });
    await sendMissing(fileId);
    expect((await multipart(fileId)).missing).toEqual([]);
    const checksum = checksumOf('CRC64NVME', bytes);
    await complete(fileId, { checksum });
    await complete(fileId, { checksum });
    await expect(
      complete(fileId, { checksum: checksumOf('CRC64NVME', part(1)) }),
    ).rejects.toMatchObject({ code: 'checksum_mismatch' });
    const got = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    const hash = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
    expect(hash((await got.Body?.transformToByteArray()) ?? new Uint8Array())).toBe(hash(bytes));
    expect(await read(fileId)).toMatchObject({ status: 'awaiting-upload' });
    expect((await read(fileId)).upload).toBeUndefined();
  });

  it('takes of a part only the bytes of its checksum and its length', async () => {
    const { fileId } = await begin();
    const checksum = checksumOf('CRC64NVME', part(1));
    const { parts } = await sign(fileId, [{ partNumber: 1, checksum }, { partNumber: 5 }]);
    const [first, last] = parts;
    if (!first || !last) throw new TypeError('Both must be signed.');
    expect([first.size, last.size]).toEqual([16 * MIB, 1]);
    expect(await send(first, part(2))).toEqual({ status: 400, code: 'BadDigest' });
    expect((await send(first, part(5))).status).toBe(403);
    expect((await send(last, part(1))).status).toBe(403);
    expect((await send(first, part(1))).status).toBe(200);
    expect((await multipart(fileId)).received).toHaveLength(1);
  });

  it('becomes no object where the whole is not what was announced, until the wrong part is mended', async () => {
    const { fileId } = await begin({ checksum: checksumOf('CRC32', bytes) });
    await sendMissing(fileId);
    const { parts } = await sign(fileId, [{ partNumber: 2 }]);
    const [second] = parts;
    if (!second) throw new TypeError('It must be signed.');
    await send(second, part(3));
    await expect(complete(fileId)).rejects.toMatchObject({ code: 'checksum_mismatch' });
    const wrong = (await multipart(fileId)).received.filter(
      ({ partNumber, checksum }) => checksum?.value !== checksumOf('CRC32', part(partNumber)).value,
    );
    expect(wrong.map(({ partNumber }) => partNumber)).toEqual([2]);
    await send(second, part(2));
    await complete(fileId);
  });

  it('cannot be held to a SHA-256 of the whole', async () => {
    const checksum = checksumOf('SHA256', bytes);
    await expect(begin({ checksum })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it.each([
    ['a part that there is not', { partNumber: 6 }],
    ['a checksum of another algorithm', { partNumber: 1, checksum: checksumOf('CRC32', part(1)) }],
  ])('signs no %s', async (_name, asked) => {
    const { fileId } = await begin();
    await expect(sign(fileId, [asked])).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('that was aborted has expired', async () => {
    const { announced } = await announce(bytes.length);
    await ports.uploads.abort(announced.key, announced.uploadId ?? '');
    await expect(read(announced.fileId)).rejects.toMatchObject({ code: 'upload_expired' });
    await expect(complete(announced.fileId)).rejects.toMatchObject({ code: 'upload_incomplete' });
  });

  it('is nobody else’s', async () => {
    const { fileId } = await begin();
    const stranger = { tenant: 'other', fileId, now };
    await expect(readUpload(stranger, ports)).rejects.toMatchObject({ code: 'file_not_found' });
    await expect(
      signParts({ ...stranger, parts: [{ partNumber: 1 }] }, ports),
    ).rejects.toMatchObject({ code: 'file_not_found' });
  });
});

it('lists more parts than a page of S3 holds', async () => {
  const key = 'acme/f/many.bin';
  const uploadId = await ports.uploads.begin(key, 'text/plain', 'CRC64NVME');
  for (let partNumber = 1; partNumber <= 1001; partNumber += 1) {
    const target = await ports.uploads.signPart(key, { uploadId, partNumber, size: 1 }, 60);
    await send(target, Buffer.from('x'));
  }
  const parts = await ports.uploads.parts(key, uploadId);
  expect(parts?.map(({ partNumber }) => partNumber)).toEqual(
    Array.from({ length: 1001 }, (_, index) => index + 1),
  );
});
