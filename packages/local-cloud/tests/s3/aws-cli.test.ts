import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CREDENTIALS, type Harness, startS3 } from './harness.ts';

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
        AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
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

  const ODD_KEYS = [
    'two  spaces and a trailing one ',
    'plus+percent%2F%20&equals=question?hash#.txt',
    'quotes\'"and`back\\slash',
    'a//empty part/..dots/file',
    '~tilde!star*(parens)[brackets]{braces}|pipe^caret;semi:colon,comma@at$dollar',
    '결제/영수증 😀 é.pdf',
    'tab\tand <xml> & "entities"',
  ];

  test('copies, lists, presigns and removes objects whatever their names', async () => {
    await aws('s3', 'mb', 's3://odd');
    await aws('s3', 'mb', 's3://copies');
    writeFileSync(join(dir, 'body'), 'body');
    for (const key of ODD_KEYS) {
      await aws('s3api', 'put-object', '--bucket', 'odd', '--key', key, '--body', 'body');
    }
    await aws('s3', 'sync', 's3://odd', 's3://copies');
    const listed = JSON.parse(await aws('s3api', 'list-objects-v2', '--bucket', 'copies'));
    const names = listed.Contents.map(({ Key }: { Key: string }) => Key);
    expect(names.toSorted()).toEqual(ODD_KEYS.toSorted());
    const shown = await aws('s3', 'ls', '--recursive', 's3://copies');
    for (const key of ODD_KEYS) {
      expect(shown).toContain(key);
      const url = (await aws('s3', 'presign', `s3://copies/${key}`, '--expires-in', '60')).trim();
      const answer = await fetch(url);
      expect([key, answer.status, await answer.text()]).toEqual([key, 200, 'body']);
      const tampered = await fetch(url.replace(/Expires=\d+/, '$&0'));
      expect([key, tampered.status]).toEqual([key, 403]);
    }
    const [odd = ''] = ODD_KEYS.slice(-1);
    expect(await aws('s3', 'cp', `s3://odd/${odd}`, '-')).toBe('body');
    await aws('s3', 'rm', `s3://odd/${odd}`);
    await aws('s3', 'rb', '--force', 's3://odd');
    await aws('s3', 'rb', '--force', 's3://copies');
    expect(s3.engine.listBuckets()).toEqual([]);
  }, 240_000);

  test('writes under a condition, tags, restores a version and sets lifecycle rules', async () => {
    await aws('s3', 'mb', 's3://more');
    writeFileSync(join(dir, 'one'), 'one');
    const put = (...more: string[]) =>
      aws('s3api', 'put-object', '--bucket', 'more', '--key', 'k', '--body', 'one', ...more);
    await put('--if-none-match', '*');
    await expect(put('--if-none-match', '*')).rejects.toThrow('PreconditionFailed');
    const rules = {
      Rules: [
        {
          ID: 'week',
          Status: 'Enabled',
          Filter: { Prefix: 'tmp/' },
          Expiration: { Days: 7 },
        },
      ],
    };
    const lifecycle = (verb: string, ...more: string[]) =>
      aws('s3api', `${verb}-bucket-lifecycle-configuration`, '--bucket', 'more', ...more);
    await lifecycle('put', '--lifecycle-configuration', JSON.stringify(rules));
    expect(JSON.parse(await lifecycle('get'))).toMatchObject(rules);
    const versioning = ['--versioning-configuration', 'Status=Enabled'];
    await aws('s3api', 'put-bucket-versioning', '--bucket', 'more', ...versioning);
    const { VersionId } = JSON.parse(await put('--tagging', 'a=b%20c'));
    await aws('s3', 'rm', 's3://more/k');
    await expect(aws('s3', 'cp', 's3://more/k', '-')).rejects.toThrow('404');
    const named = ['--bucket', 'more', '--key', 'k', '--version-id', VersionId];
    const tags = JSON.parse(await aws('s3api', 'get-object-tagging', ...named));
    expect(tags.TagSet).toEqual([{ Key: 'a', Value: 'b c' }]);
    await aws('s3api', 'get-object', ...named, 'restored');
    expect(readFileSync(join(dir, 'restored'), 'utf8')).toBe('one');
  }, 120_000);
});
