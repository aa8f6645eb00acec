import { MAX_UPLOAD_BYTES, type UploadRequest } from '@millrace/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presentFile } from '../../src/domain/files/file-resource.ts';
import { planParts } from '../../src/domain/files/part-plan.ts';
import { derivedId, newId } from '../../src/domain/identifiers.ts';

const MIB = 1024 ** 2;

describe('the parts of an upload', () => {
  it('hold the file exactly, within the limits of S3 and of an answer', () => {
    const size = fc.oneof(
      fc.integer({ min: 64 * MIB + 1, max: MAX_UPLOAD_BYTES }),
      fc.constantFrom(64 * MIB + 1, 16 * 1024 * MIB, 16 * 1024 * MIB + 1, MAX_UPLOAD_BYTES),
    );
    fc.assert(
      fc.property(size, (bytes) => {
        const { partSize, sizes } = planParts(bytes);
        expect(sizes.reduce((sum, part) => sum + part, 0)).toBe(bytes);
        expect(sizes.length).toBeLessThanOrEqual(1024);
        expect(partSize).toBeGreaterThanOrEqual(5 * MIB);
        expect(partSize).toBeLessThanOrEqual(5 * 1024 * MIB);
        expect(sizes.slice(0, -1).every((part) => part === partSize)).toBe(true);
        expect(sizes.at(-1)).toBeGreaterThan(0);
      }),
    );
  });
});

describe('ids', () => {
  it('that are derived are stable UUIDs of version 5', () => {
    expect(derivedId('order', 'acme', 'key')).toBe(derivedId('order', 'acme', 'key'));
    expect(derivedId('order', 'acme', 'key')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(derivedId('order', 'a', 'b')).not.toBe(derivedId('order', 'ab', ''));
  });
  it('that are new are UUIDs of version 7 in the order of their times', () => {
    const ids = [0, 1, 1000, Date.now(), 2 ** 48 - 1].map(newId);
    expect(ids).toEqual([...ids].sort());
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

it('gives out renditions of files that are ready only', async () => {
  const request: UploadRequest = { fileName: 'a.jpg', contentType: 'image/jpeg', size: 1 };
  const media = { signGet: async ({ key }: { key: string }) => `https://media/${key}` };
  const item = {
    tenant: 'acme',
    fileId: 'f',
    name: request.fileName,
    bucket: 'uploads',
    key: 'acme/f/a.jpg',
    createdAt: 't',
    updatedAt: 't',
    renditions: [
      {
        name: 'w640',
        bucket: 'media',
        key: 'k',
        contentType: 'image/webp',
        width: 1,
        height: 1,
        size: 1,
      },
    ],
  };
  const shown = async (status: 'ready' | 'processing' | 'rejected') =>
    (await presentFile({ ...item, status }, media)).renditions;
  expect(await shown('ready')).toEqual([
    {
      name: 'w640',
      contentType: 'image/webp',
      width: 1,
      height: 1,
      size: 1,
      url: 'https://media/k',
    },
  ]);
  expect(await shown('processing')).toEqual([]);
  expect(await shown('rejected')).toEqual([]);
});
