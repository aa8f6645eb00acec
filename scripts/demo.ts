/**
 * `npm run demo [-- folder] [--json]`: sends sample input through the running stack, or through one
 * that it starts and stops itself. Exits 0 only when every result is exactly right.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { portsFromEnvironment, portsToEnvironment } from '@millrace/local-cloud/addresses';
import { type Stack, startStack } from '@millrace/local-cloud/stack';
import { readDemoArguments } from '@millrace/operations/demo-arguments';
import { printFailure } from './terminal.ts';

const root = join(import.meta.dirname, '..');
const args = process.argv.slice(2);
const giveUp = new AbortController();
let stack: Stack | undefined;

async function main(): Promise<number> {
  const ports = portsFromEnvironment(process.env);
  // No stack is started for what the demo would refuse.
  const { help } = readDemoArguments(args);
  if (!help && !(await apiAnswers(ports.api))) {
    console.error('· No stack is running: starting one for the demo');
    stack = await startStack({
      root,
      ports,
      signal: giveUp.signal,
      // stdout is the report's alone.
      onProgress: (message) => console.error(`· ${message}`),
    });
  }
  return runDemo(portsToEnvironment(ports));
}

async function apiAnswers(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/health`).catch(() => undefined);
  return answer?.ok === true;
}

function runDemo(ports: Record<string, string>): Promise<number> {
  const child = spawn(
    process.execPath,
    [join(root, 'packages/operations/src/main.ts'), 'demo', ...args],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        ...ports,
        MILLRACE_STATE_DIR: process.env.MILLRACE_STATE_DIR ?? join(root, '.local'),
      },
    },
  );
  giveUp.signal.addEventListener('abort', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
    void stack?.failed.then((error) => {
      child.kill('SIGTERM');
      reject(error);
    });
  });
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => giveUp.abort());

let code = 1;
try {
  code = await main();
} catch (error) {
  printFailure(error, 'npm run demo [-- folder]');
} finally {
  await stack?.stop();
}
process.exit(code);
