import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { portsFromEnvironment, portsToEnvironment } from '@millrace/local-cloud/addresses';
import { type Stack, startStack } from '@millrace/local-cloud/stack';
import { printFailure } from './terminal.ts';

const root = join(import.meta.dirname, '..');

/**
 * A command of `millrace` on the running stack, or on one that is started for it and stopped again.
 * Ends this process as the command ends.
 *
 * @param wantsStack throws where the arguments are wrong: no stack is started for what would be refused
 */
export async function runOperation(
  command: string,
  args: readonly string[],
  options: { wantsStack(): boolean; readonly usage: string },
): Promise<never> {
  const giveUp = new AbortController();
  let stack: Stack | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => giveUp.abort());

  let code = 1;
  try {
    const ports = portsFromEnvironment(process.env);
    if (options.wantsStack() && !(await apiAnswers(ports.api))) {
      console.error(`· No stack is running: starting one for the ${command}`);
      stack = await startStack({
        root,
        ports,
        signal: giveUp.signal,
        // stdout is the report's alone.
        onProgress: (message) => console.error(`· ${message}`),
      });
    }
    code = await run(command, args, portsToEnvironment(ports), giveUp.signal, stack?.failed);
  } catch (error) {
    printFailure(error, options.usage);
  } finally {
    await stack?.stop();
  }
  process.exit(code);
}

async function apiAnswers(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/health`).catch(() => undefined);
  return answer?.ok === true;
}

function run(
  command: string,
  args: readonly string[],
  ports: Record<string, string>,
  giveUp: AbortSignal,
  failed: Promise<Error> | undefined,
): Promise<number> {
  const child = spawn(
    process.execPath,
    [join(root, 'packages/operations/src/main.ts'), command, ...args],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        ...ports,
        MILLRACE_STATE_DIR: process.env.MILLRACE_STATE_DIR ?? join(root, '.local'),
      },
    },
  );
  giveUp.addEventListener('abort', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
    void failed?.then((error) => {
      child.kill('SIGTERM');
      reject(error);
    });
  });
}
