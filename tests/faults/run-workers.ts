import { fork } from 'node:child_process';
import { join } from 'node:path';
import { recordRegistrations } from './platform/registrations.ts';
import { SERVICES } from './seeds.ts';
import type { SeedResult } from './session.ts';
import type { Assignment } from './worker.ts';

/**
 * Runs seeds on so many platforms side by side, each in a process of its own.
 *
 * @throws Error when a worker ends before it has told all its results
 */
export async function runOnWorkers(
  seeds: readonly number[],
  workers: number,
  onResult: (result: SeedResult) => void,
): Promise<SeedResult[]> {
  const services = await recordRegistrations(SERVICES);
  const shares = Array.from({ length: Math.min(workers, seeds.length) }, (_, worker) =>
    seeds.filter((__, at) => at % workers === worker),
  );
  const results = await Promise.all(
    shares.map((share) => runOnWorker({ services, seeds: share }, onResult)),
  );
  return results.flat().sort((one, other) => one.seed - other.seed);
}

function runOnWorker(
  assignment: Assignment,
  onResult: (result: SeedResult) => void,
): Promise<SeedResult[]> {
  return new Promise((resolve, reject) => {
    const results: SeedResult[] = [];
    const child = fork(join(import.meta.dirname, 'worker.ts'), { execArgv: [] });
    child.on('message', (result: SeedResult) => {
      results.push(result);
      onResult(result);
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (results.length === assignment.seeds.length) resolve(results);
      else reject(new Error(`A worker ended (${signal ?? code}) after ${results.length} seeds.`));
    });
    child.send(assignment);
  });
}
