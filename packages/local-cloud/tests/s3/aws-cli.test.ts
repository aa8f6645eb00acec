import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Harness, startS3 } from './harness.ts';

const hasCli = spawnSync('aws', ['--version']).status === 0;

describe.skipIf(!hasCli)('the AWS CLI (skipped where `aws` is not installed)', () => {
  let s3: Harness;
  let dir: string;
  beforeAll(async () => {
    s3 = await startS3();
    dir = mkdtempSync(join(tmpdir(), 'millrace-s3-cli-'));
  });
  afterAll(async () => {
    rmSync(dir, { recursive: true, force: true });
    await s3.stop();
  });

  async function aws(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)('aws', args, {
      cwd: dir,
      env: {
        ...process.env,
        AWS_ENDPOINT_URL: s3.endpoint,
        AWS_ACCESS_KEY_ID: 'any',
        AWS_SECRET_ACCESS_KEY: 'thing',
        AWS_REGION: 'us-east-1',
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_CONFIG_FILE: join(dir, 'no-config'),
        PYTHONUTF8: '1',
      },
    });
    return stdout;
  }

  test('makes a bucket, copies, lists, synchronises, moves and removes', async () => {
    const name = '사진 #1 (50%)+.jpg';
    const large = Buffer.alloc(20 * 1024 ** 2, 'large ');
    mkdirSync(join(dir, 'tree', 'sub'), { recursive: true });
    writeFileSync(join(dir, 'tree', name), 'picture');
    writeFileSync(join(dir, 'tree', 'sub', 'large.bin'), large);

    await aws('s3', 'mb', 's3://cli');
    await aws('s3', 'cp', join('tree', name), `s3://cli/in/${name}`);
    expect(await aws('s3', 'ls', 's3://cli/in/')).toContain(name);
    await aws('s3', 'sync', 'tree', 's3://cli/tree');
    expect(await aws('s3', 'sync', 'tree', 's3://cli/tree')).toBe('');
    const listed = await aws('s3', 'ls', '--recursive', 's3://cli');
    expect(listed).toContain(`tree/${name}`);
    expect(listed).toContain(`${large.length} tree/sub/large.bin`);
    await aws('s3', 'cp', 's3://cli/tree/sub/large.bin', 's3://cli/copy.bin');
    await aws('s3', 'sync', 's3://cli', 'back');
    expect(readFileSync(join(dir, 'back', 'in', name), 'utf8')).toBe('picture');
    expect(readFileSync(join(dir, 'back', 'copy.bin')).equals(large)).toBe(true);
    await aws('s3', 'mv', 's3://cli/copy.bin', 's3://cli/moved.bin');
    await aws('s3', 'rm', '--recursive', 's3://cli');
    expect(await aws('s3', 'ls', '--recursive', 's3://cli').catch(() => '')).toBe('');
    await aws('s3', 'rb', 's3://cli');
    expect(s3.engine.listBuckets()).toEqual([]);
  }, 120_000);
});
