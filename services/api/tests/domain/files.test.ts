import { type FileItem, MAX_UPLOAD_BYTES } from '@millrace/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presentFile } from '../../src/domain/files/file-resource.ts';
import { planParts } from '../../src/domain/files/part-plan.ts';
import { idOfRequest } from '../../src/domain/identifiers.ts';

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

describe('the id of what a request makes', () => {
  it('is the same today as on the day when the first was stored', () => {
    expect(idOfRequest('order', 'acme', 'key')).toBe('ab2c3db0-3ebe-535b-811e-845183b00ff1');
  });
  it('is another where the parts are divided otherwise', () => {
    expect(idOfRequest('order', 'a', 'b')).not.toBe(idOfRequest('order', 'ab', ''));
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
