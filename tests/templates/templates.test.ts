import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type PackagedService, packageService, ROOT } from './package-service.ts';
import { RULES } from './rules.ts';

const run = promisify(execFile);
const CFN_LINT = join(ROOT, '.tools/python/bin/cfn-lint');
const compose: { services: Record<string, { path: string; params?: Record<string, string> }> } =
  parse(await readFile(join(ROOT, 'serverless-compose.yml'), 'utf8'));

/** What compose would pass once the other stacks are there. */
function plausible(params: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.keys(params).map((name) => [
      name,
      name.endsWith('Arn') ? arnFor(name) : `millrace-test-${name.toLowerCase()}`,
    ]),
  );
}

function arnFor(name: string): string {
  if (name.endsWith('StreamArn') && name !== 'eventsStreamArn') {
    return `arn:aws:dynamodb:us-east-1:123456789012:table/millrace-test-${name.replace('StreamArn', '')}/stream/2026-01-01T00:00:00.000`;
  }
  const service =
    name === 'eventsStreamArn'
      ? 'kinesis'
      : name.endsWith('TableArn')
        ? 'dynamodb'
        : name.endsWith('BucketArn')
          ? 's3'
          : 'sqs';
  const resource = {
    kinesis: 'stream/millrace-test-events',
    dynamodb: `table/${name}`,
    s3: name.toLowerCase(),
    sqs: name,
  }[service];
  return service === 's3'
    ? `arn:aws:s3:::${resource}`
    : `arn:aws:${service}:us-east-1:123456789012:${resource}`;
}

describe.each(Object.entries(compose.services))('%s', (service, { params }) => {
  let packaged: PackagedService;

  beforeAll(async () => {
    packaged = await packageService(service, plausible(params));
  });
  afterAll(() => rm(packaged.folder, { recursive: true, force: true }));

  it.each(RULES)('$name', ({ violations }) => {
    expect(violations(packaged.template)).toEqual([]);
  });

  it('has a zip per function: at most 1 MB, the one with native code 15 MB', async () => {
    const zips = (await readdir(packaged.folder)).filter((file) => file.endsWith('.zip'));
    expect(zips.length).toBeGreaterThan(0);
    for (const zip of zips) {
      const { size } = await stat(join(packaged.folder, zip));
      const limit = zip === 'processImage.zip' ? 15e6 : 1e6;
      expect(size, `${zip} has ${size} bytes`).toBeLessThanOrEqual(limit);
    }
  });

  it.runIf(existsSync(CFN_LINT) || process.env.CI)('passes cfn-lint', async () => {
    const { stdout } = await run(CFN_LINT, [
      '--non-zero-exit-code',
      'error',
      packaged.templateFile,
    ]).catch((error: { stdout: string }) => error);
    expect(stdout.split('\n').filter((line) => line.startsWith('E'))).toEqual([]);
  });
});
