import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A program that ends with this process, however this process ends. */
export interface GuardedChild {
  /** Process group of the guard and the program. */
  readonly pid: number;
  /** Resolves when the program has ended, with its exit code (`null` after a signal). */
  readonly exited: Promise<number | null>;
  /** Ends the program and resolves when it is gone. */
  stop(): Promise<void>;
}

/**
 * Node cannot ask the kernel to end a child together with its parent, so a shell stands between:
 * it reads a pipe that only this process holds, and when the pipe closes — also by `kill -9` of
 * this process or of its whole process group, since the guard leads a group of its own — it ends
 * the program with everything that the program started.
 *
 * SIGKILL is right here: the programs that we guard keep their data in SQLite, which loses no
 * committed write by it, and a stop by signal is the case that has to work anyway.
 */
const GUARD = `
exec 3<&0
"$@" 3<&- </dev/null &
program=$!
( cat <&3 >/dev/null; kill -9 0 ) >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$program"
code=$?
kill "$watch" 2>/dev/null
exit "$code"
`;

export function spawnGuarded(
  command: string,
  args: readonly string[],
  onLine: (line: string) => void,
): GuardedChild {
  const child = spawn('sh', ['-c', GUARD, 'millrace-guard', command, ...args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  createInterface({ input: child.stdout }).on('line', onLine);
  createInterface({ input: child.stderr }).on('line', onLine);
  // The guard may be gone already when the pipe is closed: nothing is left to be told then.
  child.stdin.on('error', () => {});
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      onLine(error.message);
      resolve(127);
    });
    child.once('exit', (code) => {
      // Lets the watching `cat` end as well.
      child.stdin.destroy();
      resolve(code);
    });
  });
  return {
    pid: child.pid ?? 0,
    exited,
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}
