import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LocalCloudError } from './errors.ts';

const run = promisify(execFile);

/**
 * Waits for a server to listen, and turns a taken port into a problem that a person can mend.
 *
 * @throws LocalCloudError PORT_TAKEN
 */
export async function claimPort(port: number, listening: Promise<number>): Promise<number> {
  try {
    return await listening;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw cause;
    const owner = code === 'EADDRINUSE' ? await portOwner(port) : undefined;
    throw new LocalCloudError(
      'PORT_TAKEN',
      `Port ${port} is in use${owner ? ` (by ${owner})` : ''}: stop that program or set MILLRACE_PORT_OFFSET=100.`,
      { cause },
    );
  }
}

/** Who listens, as far as it can be found out; only to make the message more helpful. */
async function portOwner(port: number): Promise<string | undefined> {
  return (await otherCloud(port)) ?? (await listeningProgram(port));
}

async function otherCloud(port: number): Promise<string | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/_millrace/health`, {
      signal: AbortSignal.timeout(500),
    });
    const health = (await response.json()) as { name?: string; stateDir?: string };
    return health.name === 'millrace' ? `the local cloud of ${health.stateDir}` : undefined;
  } catch {
    // Not a local cloud, then.
    return undefined;
  }
}

async function listeningProgram(port: number): Promise<string | undefined> {
  try {
    const { stdout } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']);
    const pid = /^p(\d+)$/m.exec(stdout)?.[1];
    const name = /^c(.+)$/m.exec(stdout)?.[1];
    return pid && name ? `${name}, process ${pid}` : undefined;
  } catch {
    // No lsof here, or not allowed to look.
    return undefined;
  }
}
