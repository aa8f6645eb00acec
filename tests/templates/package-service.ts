import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const ROOT = join(import.meta.dirname, '../..');

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
}

export interface Template {
  readonly Resources: Record<string, Resource>;
  readonly Outputs?: Record<string, unknown>;
}

export interface PackagedService {
  readonly folder: string;
  readonly templateFile: string;
  readonly template: Template;
}

/**
 * Runs `serverless package` as a deployment would. The params that compose would pass are given as
 * plausible values: what a template says of them does not depend on them.
 */
export async function packageService(
  service: string,
  params: Record<string, string>,
): Promise<PackagedService> {
  const folder = await mkdtemp(join(tmpdir(), `millrace-package-${service}-`));
  const cwd = join(ROOT, 'services', service);
  await run(
    join(cwd, 'node_modules/.bin/sls'),
    [
      'package',
      '--stage',
      'test',
      '--package',
      folder,
      ...Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]),
    ],
    { cwd, env: { ...process.env, FORCE_COLOR: '0' } },
  );
  const templateFile = join(folder, 'cloudformation-template-update-stack.json');
  return { folder, templateFile, template: JSON.parse(await readFile(templateFile, 'utf8')) };
}
