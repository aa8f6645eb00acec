import { setTimeout as sleep } from 'node:timers/promises';

export interface Watched<T> {
  readonly value: T;
  readonly latencyMs: number;
  /** False where the time was up before `done` held; `value` is what was seen last. */
  readonly done: boolean;
}

/**
 * Looks again and again until `done` holds, at most for `timeoutMs`.
 * @param since `performance.now()` of the moment when the input was sent.
 */
export async function watch<T>(
  look: () => Promise<T>,
  done: (value: T) => boolean,
  { since, timeoutMs }: { since: number; timeoutMs: number },
): Promise<Watched<T>> {
  const deadline = performance.now() + timeoutMs;
  for (let pause = 50; ; pause = Math.min(pause * 1.5, 1000)) {
    const value = await look();
    const latencyMs = performance.now() - since;
    if (done(value)) return { value, latencyMs, done: true };
    if (performance.now() > deadline) return { value, latencyMs, done: false };
    await sleep(pause);
  }
}
