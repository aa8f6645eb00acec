import type { FileHandle } from 'node:fs/promises';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { failureOf, type Harness, startS3, storedContents } from './harness.ts';

/** How many bytes the disk still takes; the fault is the only thing here that is not real. */
const disk = vi.hoisted(() => ({ free: Number.POSITIVE_INFINITY }));

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>();
  const open = async (...args: Parameters<typeof original.open>): Promise<FileHandle> => {
    const handle = await original.open(...args);
    const write = handle.write.bind(handle) as (bytes: Uint8Array, at: number) => unknown;
    Object.assign(handle, {
      write: async (bytes: Uint8Array, at: number) => {
        if (bytes.length - at > disk.free) {
          throw Object.assign(new Error('ENOSPC: no space left on device, write'), {
            code: 'ENOSPC',
          });
        }
        disk.free -= bytes.length - at;
        return write(bytes, at);
      },
    });
    return handle;
  };
  return { ...original, open };
});

let s3: Harness;
beforeEach(async () => {
  s3 = await startS3();
  s3.engine.createBucket('plain');
});
afterEach(async () => {
  disk.free = Number.POSITIVE_INFINITY;
  await s3.stop();
});

test('a full disk is said so, and leaves the old object and nothing half', async () => {
  const client = s3.client();
  const put = (Body: Buffer | string) =>
    client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'k', Body }));
  await put('old');
  disk.free = 1_000_000;
  const failure = await failureOf(put(Buffer.alloc(5_000_000)));
  expect(failure).toMatchObject({ name: 'SlowDown', status: 503 });
  expect(failure.message).toMatch(/disk .* is full; nothing was stored\. Free some space/);
  expect(storedContents(s3)).toBe(1);
  expect(s3.events).toHaveLength(1);
  const got = await client.send(new GetObjectCommand({ Bucket: 'plain', Key: 'k' }));
  expect(await got.Body?.transformToString()).toBe('old');
  disk.free = Number.POSITIVE_INFINITY;
  await put('room again');
});

test('a database that cannot grow is said so as well', async () => {
  const client = s3.client();
  const pages = Number(s3.state.db.prepare('PRAGMA page_count').get()?.page_count);
  s3.state.db.exec(`PRAGMA max_page_count = ${pages}`);
  const failure = async () => {
    for (let index = 0; ; index += 1) {
      const Metadata = { filler: 'x'.repeat(1900) };
      await client.send(
        new PutObjectCommand({ Bucket: 'plain', Key: `k${index}`, Body: 'x', Metadata }),
      );
    }
  };
  expect(await failureOf(failure())).toMatchObject({ name: 'SlowDown', status: 503 });
  const rows = s3.state.db.prepare('SELECT count(*) AS n FROM s3_versions').get()?.n;
  expect(rows).toBe(s3.events.length);
  await expect.poll(() => storedContents(s3)).toBe(rows);
});
