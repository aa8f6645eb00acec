import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { killGroup, ROOT } from './mini-stack.ts';

/** Of this run alone: compose keeps what it deployed by stage, and every MiniStack begins empty. */
export const STAGE = `rehearsal${process.pid}`;
const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: 'us-east-1',
};

/** `serverless-compose <verb>` against an endpoint. Rejects with the last output. */
export async function compose(
  verb: 'deploy' | 'remove',
  endpoint: string,
  timeoutMs: number,
): Promise<void> {
  const bin = join(ROOT, 'node_modules/.bin');
  const child = spawn(join(bin, 'serverless-compose'), [verb, '--stage', STAGE, '--verbose'], {
    cwd: ROOT,
    detached: true,
    // Compose reads keys from a terminal; without one it must not wait for any.
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...withoutAws(process.env),
      ...CREDENTIALS,
      AWS_ENDPOINT_URL: endpoint,
      // Templates travel plain, so that `template-front.ts` can read them.
      AWS_REQUEST_CHECKSUM_CALCULATION: 'WHEN_REQUIRED',
      PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
    },
  });
  let output = '';
  const collect = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-20_000);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const code = await new Promise<number | 'timeout'>((resolve, reject) => {
    const timer = setTimeout(() => resolve('timeout'), timeoutMs);
    child.once('error', reject);
    child.once('close', (status) => {
      clearTimeout(timer);
      resolve(status ?? 1);
    });
  });
  if (code === 'timeout') await killGroup(child);
  // Compose ends with 0 even where a service failed; it says so in its output.
  const failed = /failed to deploy|failed to remove|› error$/m.test(output);
  if (code !== 0 || failed) {
    const why =
      code === 'timeout' ? `took longer than ${timeoutMs / 1000} s` : `failed (code ${code})`;
    throw new Error(
      `serverless-compose ${verb} ${why}:\n${output.split('\n').slice(-40).join('\n')}`,
    );
  }
}

/** Removes what compose noted of this run's stage. */
export async function forgetStage(): Promise<void> {
  await rm(join(ROOT, '.serverless', `state.${STAGE}.json`), { force: true });
}

/** A developer's own profile must not reach a rehearsal. */
function withoutAws(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('AWS_')));
}

export const clientOptions = (endpoint: string) => ({
  endpoint,
  region: CREDENTIALS.AWS_REGION,
  credentials: {
    accessKeyId: CREDENTIALS.AWS_ACCESS_KEY_ID,
    secretAccessKey: CREDENTIALS.AWS_SECRET_ACCESS_KEY,
  },
});
