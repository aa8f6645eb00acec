import type { Clock } from '../../src/clock.ts';

/** A clock that stands still until a test moves it. */
export interface VirtualClock extends Clock {
  /** Lets `ms` pass, waking every sleeper at its own instant. */
  advance(ms: number): Promise<void>;
  /** Lets time pass, from sleeper to sleeper, until `done` holds. */
  advanceUntil(done: () => boolean, limitMs?: number): Promise<void>;
}

export function createVirtualClock(start = Date.UTC(2026, 0, 5, 12)): VirtualClock {
  let now = start;
  const sleepers = new Set<{ at: number; wake: () => void }>();

  /** Everything that can go on without time passing does. */
  async function settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  async function step(limit: number): Promise<boolean> {
    const [next] = [...sleepers].sort((a, b) => a.at - b.at);
    if (!next || next.at > limit) return false;
    now = Math.max(now, next.at);
    sleepers.delete(next);
    next.wake();
    await settle();
    return true;
  }

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) {
          resolve(false);
          return;
        }
        const sleeper = { at: now + Math.max(0, ms), wake: () => resolve(true) };
        sleepers.add(sleeper);
        signal?.addEventListener(
          'abort',
          () => {
            sleepers.delete(sleeper);
            resolve(false);
          },
          { once: true },
        );
      }),
    async advance(ms) {
      const target = now + ms;
      await settle();
      while (await step(target)) {}
      now = target;
      await settle();
    },
    async advanceUntil(done, limitMs = 86_400_000) {
      const limit = now + limitMs;
      await settle();
      while (!done()) {
        if (!(await step(limit))) throw new Error('Nothing left to wait for, and not done.');
      }
    },
  };
}
