import { type FileItem, MAX_UPLOAD_BYTES } from '@millrace/types';
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

describe('a file, as it is shown,', () => {
  const media = { signGet: async ({ key }: { key: string }) => `https://media/${key}` };
  const item: FileItem = {
    tenant: 'acme',
    fileId: 'f',
    name: 'a.jpg',
    bucket: 'uploads',
    key: 'acme/f/a.jpg',
    status: 'ready',
    createdAt: 't',
    updatedAt: 't',
  };
  const show = (changes: Partial<FileItem>) => presentFile({ ...item, ...changes }, media);

  it('has its renditions only when it is ready', async () => {
    const shown = { name: 'w640', contentType: 'image/webp', width: 1, height: 1, size: 1 };
    const renditions = [{ ...shown, bucket: 'media', key: 'k' }];
    const of = async (status: FileItem['status']) =>
      (await show({ renditions, status })).renditions;
    expect(await of('ready')).toEqual([{ ...shown, url: 'https://media/k' }]);
    for (const status of ['processing', 'rejected', 'failed'] as const) {
      expect(await of(status)).toEqual([]);
    }
  });
  it.each([
    ['awaiting-upload', undefined, { stage: 'awaiting-upload' }],
    ['processing', undefined, { stage: 'validating' }],
    ['processing', { stage: 'queued' }, { stage: 'queued' }],
    ['processing', { stage: 'processing', percent: 40 }, { stage: 'processing', percent: 40 }],
    ['ready', { stage: 'processing', percent: 99 }, { stage: 'done' }],
    ['rejected', { stage: 'queued' }, { stage: 'quarantined' }],
    ['failed', { stage: 'processing', percent: 40 }, { stage: 'failed' }],
  ] as const)('tells of %s with %j how far it is', async (status, progress, expected) => {
    expect((await show({ status, ...(progress && { progress }) })).progress).toEqual(expected);
  });
  it('tells why it was rejected, or why it failed', async () => {
    const reason = { code: 'too_large', message: 'It is too large.' };
    for (const status of ['rejected', 'failed'] as const) {
      expect(await show({ status, reason })).toMatchObject({ status, reason });
    }
  });
  it('has its kind and the facts of it, and nothing of the inside', async () => {
    const document = { format: 'pdf', pages: 2, characters: 10, words: 3 };
    const { renditions: _, ...shown } = await show({
      kind: 'document',
      document,
      worker: 'w',
      leaseUntil: 1,
      eTag: 'e',
    });
    expect(shown).toEqual({
      id: 'f',
      name: 'a.jpg',
      status: 'ready',
      createdAt: 't',
      updatedAt: 't',
      kind: 'document',
      progress: { stage: 'done' },
      document,
    });
  });
});
