import { setImmediate } from 'node:timers/promises';

/** Requests of several callers on their way: which of them arrives next is drawn. */
export function traffic(draw: () => number) {
  const waiting: (() => void)[] = [];
  return {
    /** Resolves when the request is drawn. */
    arrival: () => new Promise<void>((arrive) => waiting.push(arrive)),
    /** Lets requests arrive, one at a time, until the work is done. */
    async flowUntil<T>(work: Promise<T>): Promise<T> {
      let isDone = false;
      const done = work.finally(() => {
        isDone = true;
      });
      while (!isDone) {
        // Everybody gets to his next request before one of them is drawn.
        await setImmediate();
        const [arrive] = waiting.splice(draw() % Math.max(1, waiting.length), 1);
        arrive?.();
      }
      return await done;
    },
  };
}
