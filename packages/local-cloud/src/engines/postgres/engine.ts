import { Worker } from 'node:worker_threads';
import type { EngineSettings } from './engine-program.ts';

/** A database that runs. */
export interface RunningEngine {
  /** Where it takes connections, on 127.0.0.1. */
  readonly port: number;
  /** Resolves with the reason when it ended by itself. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

const PROGRAM = new URL('./engine-program.ts', import.meta.url);
const CLOSE_GRACE_MS = 5_000;

/**
 * PostgreSQL (PGlite) over the folder, in a thread of this process: it never holds up the others,
 * and no kill of this process leaves one behind that would still write to the folder.
 */
export async function startEngine(dir: string): Promise<RunningEngine> {
  const workerData: EngineSettings = { dir };
  const worker = new Worker(PROGRAM, { workerData, env: {}, execArgv: [] });
  let problem: string | undefined;
  const exited = new Promise<string>((resolve) => {
    worker.once('error', (error) => {
      problem = error instanceof Error ? error.message : String(error);
    });
    worker.once('exit', (code) => resolve(problem ?? `exit code ${code}`));
  });
  const port = await Promise.race([
    new Promise<number>((resolve) => worker.once('message', resolve)),
    exited.then((reason) => Promise.reject(new Error(reason))),
  ]);
  return {
    port,
    ended: exited,
    async close() {
      worker.postMessage('close');
      const timer = setTimeout(() => void worker.terminate(), CLOSE_GRACE_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}
