import type { ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BIN, programEnvironment, ROOT, STAGE } from './environment.ts';
import { killGroup, spawnGroup } from './process-group.ts';

/** `serverless-compose <verb>` against an endpoint. Rejects with the last output. */
export async function compose(
  verb: 'deploy' | 'remove',
  endpoint: string,
  timeoutMs: number,
): Promise<void> {
  const args = [verb, '--stage', STAGE, '--verbose'];
  const child = spawnGroup(join(BIN, 'serverless-compose'), args, ['pipe', 'pipe'], {
    cwd: ROOT,
    env: {
      ...programEnvironment(endpoint),
      // Templates travel plain, so that `template-front.ts` can read them.
      AWS_REQUEST_CHECKSUM_CALCULATION: 'WHEN_REQUIRED',
    },
  });
  let output = '';
  const collect = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-200_000);
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  const code = await closed(child, timeoutMs);
  await killGroup(child);
  // Compose ends with 0 even where a service failed; it says so in its output.
  const failed = /failed to deploy|failed to remove|› error$/m.test(output);
  if (code === 0 && !failed) return;
  const why =
    code === undefined ? `took longer than ${timeoutMs / 1000} s` : `failed (code ${code})`;
  throw new Error(
    `serverless-compose ${verb} ${why}. What it said last:\n${output.split('\n').slice(-60).join('\n')}`,
  );
}

/** Deletes what compose notes of a deployment, which a run that failed leaves behind. */
export const forgetDeployment = () =>
  rm(join(ROOT, '.serverless', `state.${STAGE}.json`), { force: true });

/** The exit code once all output has been read, or undefined where the time is up before. */
function closed(child: ChildProcess, timeoutMs: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), timeoutMs);
    child.once('error', reject);
    child.once('close', (status) => {
      clearTimeout(timer);
      resolve(status ?? 1);
    });
  });
}
