import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LocalPorts, portsToEnvironment } from '../addresses.ts';
import { LocalCloudError } from '../errors.ts';

const entry = fileURLToPath(new URL('../cloud-main.ts', import.meta.url));

/**
 * Starts the cloud as a child that lives no longer than this process: it watches the channel between
 * the two and ends when that closes, also after `kill -9`. Its output goes to `logs/cloud.log`.
 *
 * @throws LocalCloudError STATE_UNWRITABLE
 */
export function spawnCloud(
  stateDir: string,
  ports: LocalPorts,
  env: NodeJS.ProcessEnv = process.env,
): ChildProcess {
  const log = openLog(stateDir, 'cloud');
  try {
    return spawn(process.execPath, [entry], {
      stdio: ['ignore', log, log, 'ipc'],
      env: {
        ...withoutAws(env),
        ...portsToEnvironment(ports),
        MILLRACE_STATE_DIR: stateDir,
      },
    });
  } finally {
    closeSync(log);
  }
}

/** The cloud needs no account, and must not be led to one by the developer's settings. */
export function withoutAws(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('AWS_')));
}

/** Opens `logs/<name>.log`, which starts afresh with each run. */
export function openLog(stateDir: string, name: string): number {
  const folder = join(stateDir, 'logs');
  try {
    mkdirSync(folder, { recursive: true });
    return openSync(join(folder, `${name}.log`), 'w');
  } catch (cause) {
    throw unwritable(stateDir, cause);
  }
}

export function unwritable(stateDir: string, cause: unknown): LocalCloudError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new LocalCloudError(
    'STATE_UNWRITABLE',
    `The state folder ${stateDir} cannot be written (${reason}): free space or mend its permissions, or name another with MILLRACE_STATE_DIR.`,
    { cause },
  );
}

/** Why the cloud ended, as it wrote in its log: its last line of the form `millrace: … [CODE]`. */
export function cloudFailure(stateDir: string): LocalCloudError | undefined {
  const file = join(stateDir, 'logs', 'cloud.log');
  const log = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const [, message, code] = [...log.matchAll(/^millrace: (.*) \[([A-Z_]+)\]$/gm)].at(-1) ?? [];
  return message && code ? new LocalCloudError(code, message) : undefined;
}

/** `MILLRACE_STATE_DIR`, else `.local` beside the workspace file above the service. */
export function stateFolder(env: NodeJS.ProcessEnv, serviceDir: string): string {
  if (env.MILLRACE_STATE_DIR) return env.MILLRACE_STATE_DIR;
  for (let folder = serviceDir; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'pnpm-workspace.yaml'))) return join(folder, '.local');
    if (dirname(folder) === folder) return join(serviceDir, '.local');
  }
}
