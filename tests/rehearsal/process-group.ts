import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

const GUARD = new URL('./end-with-parent.ts', import.meta.url).pathname;

/**
 * Starts a program and what it starts in a process group of their own. The group ends with
 * `killGroup`, and by itself when this process is gone, however it went.
 */
export function spawnGroup(
  program: string,
  args: readonly string[],
  output: readonly ['pipe', 'pipe'] | readonly [number, number],
  options: Pick<SpawnOptions, 'cwd' | 'env'>,
): ChildProcess {
  return spawn(process.execPath, [GUARD, program, ...args], {
    ...options,
    detached: true,
    stdio: ['pipe', ...output],
  });
}

/** Ends all that is left of the group, also where its first process ended before. */
export async function killGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const running = child.exitCode === null && child.signalCode === null;
  const ended = running ? once(child, 'exit') : undefined;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // No such group: all of it has ended.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  await ended;
}
