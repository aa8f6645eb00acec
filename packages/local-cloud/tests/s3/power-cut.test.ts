import { readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { failureOf, type Harness, startS3, storedContents } from './harness.ts';

let s3: Harness;
let client: S3Client;
let logged: string[];

beforeEach(async () => {
  s3 = await startS3();
  s3.engine.createBucket('plain');
  client = s3.client();
  logged = [];
  vi.spyOn(console, 'error').mockImplementation((...parts) => void logged.push(parts.join(' ')));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await s3.stop();
});

const target = { Bucket: 'plain', Key: 'k' };
const put = (Body: Buffer) => client.send(new PutObjectCommand({ ...target, Body }));
const get = (Range?: string) => client.send(new GetObjectCommand({ ...target, Range }));

function onlyFile(): string {
  const entries = readdirSync(join(s3.dir, 's3'), { recursive: true, withFileTypes: true });
  const [file, ...others] = entries.filter((entry) => entry.isFile());
  expect(others).toEqual([]);
  return join(file?.parentPath ?? '', file?.name ?? '');
}

const damages: [string, (file: string) => void, RegExp][] = [
  ['short', (file) => truncateSync(file, statSync(file).size - 1), /has \d+ bytes instead of/],
  ['empty', (file) => truncateSync(file, 0), /has 0 bytes instead of/],
  ['gone', (file) => rmSync(file), /is gone instead of/],
];

for (const size of [70_000, 300_000]) {
  test.each(damages)(
    `an object of ${size} bytes whose file is %s is an error, never less than was stored`,
    async (_, damage, reason) => {
      await put(Buffer.alloc(size, 'x'));
      damage(onlyFile());
      const refusal = { name: 'InternalError', status: 500 };
      expect(await failureOf(get())).toMatchObject(refusal);
      expect(await failureOf(get('bytes=0-9'))).toMatchObject(refusal);
      const copy = new CopyObjectCommand({ Bucket: 'plain', Key: 'copy', CopySource: 'plain/k' });
      expect(await failureOf(client.send(copy))).toMatchObject(refusal);
      expect(logged).toHaveLength(3);
      for (const line of logged) expect(line).toMatch(reason);
      // What is known of it stays, and it can be stored again.
      expect(await client.send(new HeadObjectCommand(target))).toMatchObject({
        ContentLength: size,
      });
      await put(Buffer.alloc(size, 'y'));
      expect(await (await get()).Body?.transformToString()).toBe('y'.repeat(size));
    },
  );
}

test('a small object has no file to lose: it lies in the database with what is known of it', async () => {
  await put(Buffer.alloc(65_536, 'x'));
  expect(readdirSync(join(s3.dir, 's3', 'content'), { recursive: true })).toHaveLength(256);
  expect(storedContents(s3)).toBe(1);
  expect(await (await get('bytes=65530-')).Body?.transformToString()).toBe('xxxxxx');
  await put(Buffer.alloc(10, 'y'));
  expect(await (await get()).Body?.transformToString()).toBe('yyyyyyyyyy');
  expect(storedContents(s3)).toBe(1);
});
