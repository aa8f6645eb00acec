import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ensureInstalled, StartError } from './bootstrap-install.mjs';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');

/**
 * Installs what the lockfile names if that has not been done, then runs `scripts/<verb>.ts` on the
 * installed Node 24 and ends as it ends.
 *
 * @param {string[]} argv verb and its arguments
 */
export async function main(argv) {
  const startedAt = Date.now();
  const [verb = '', ...args] = argv;
  try {
    const script = join(root, 'scripts', `${verb}.ts`);
    if (!/^[\w-]+$/.test(verb) || !existsSync(script)) throw unknownVerb(verb);
    await ensureInstalled(root);
    run(script, args, startedAt);
  } catch (error) {
    const code = error instanceof StartError ? error.code : 'START_FAILED';
    process.stderr.write(`millrace: ${error.message} [${code}]\n`);
    process.exitCode = 1;
  }
}

/**
 * @param {string} script
 * @param {string[]} args
 * @param {number} startedAt
 */
function run(script, args, startedAt) {
  const program = join(
    root,
    'node_modules/node/bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  const child = spawn(program, [script, ...args], {
    // The channel tells the script when this process is gone, however it went.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`,
      MILLRACE_STARTED_AT: String(startedAt),
    },
  });
  const forward = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  child.on('error', (error) => {
    process.stderr.write(
      `millrace: The installed Node 24 cannot be run (${error.message}): delete node_modules and start again. [NODE_BROKEN]\n`,
    );
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    for (const name of signals) process.off(name, forward);
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
}

/** @param {string} verb */
function unknownVerb(verb) {
  const verbs = readdirSync(join(root, 'scripts')).flatMap((file) =>
    file.endsWith('.ts') ? [file.slice(0, -3)] : [],
  );
  return new StartError(
    'VERB_UNKNOWN',
    `There is no verb "${verb}": choose from ${verbs.join(', ')}.`,
  );
}
