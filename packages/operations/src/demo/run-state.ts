import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * One run of the demo. Everything that it sends is derived from `runId` and `startedAt`, so a run
 * that was killed can be sent again from the start and must change nothing that had arrived.
 */
export interface DemoRun {
  readonly runId: string;
  /** ISO 8601: the event time that all sample events are counted from. */
  readonly startedAt: string;
  readonly finished: boolean;
}

/** The run to do: the one that was interrupted, or else a new one. */
export function beginRun(file: string, now: Date): { run: DemoRun; resumed: boolean } {
  const last = readRun(file);
  if (last && !last.finished) return { run: last, resumed: true };
  const run = { runId: randomUUID().slice(0, 8), startedAt: now.toISOString(), finished: false };
  saveRun(file, run);
  return { run, resumed: false };
}

export function finishRun(file: string, run: DemoRun): void {
  saveRun(file, { ...run, finished: true });
}

export function readRun(file: string): DemoRun | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isRun(value) ? value : undefined;
  } catch (error) {
    // No file, or one that a full disk left empty: either way there is no run to go on with.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT')
      return undefined;
    throw error;
  }
}

function isRun(value: unknown): value is DemoRun {
  const run = value as DemoRun | null;
  return (
    typeof run?.runId === 'string' &&
    typeof run.startedAt === 'string' &&
    typeof run.finished === 'boolean'
  );
}

function saveRun(file: string, run: DemoRun): void {
  mkdirSync(dirname(file), { recursive: true });
  // Renamed into place: a kill leaves the old run or the new one, never half a file.
  writeFileSync(`${file}.next`, `${JSON.stringify(run)}\n`);
  renameSync(`${file}.next`, file);
}
