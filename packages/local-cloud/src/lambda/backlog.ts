import type { Clock } from '../clock.ts';

/** More events than this, all of them never tried, are a function's backlog. */
const DEEP = 500;

/** A function that is slow, or that nobody runs, holds nobody up for longer. */
const LONGEST_WAIT_MS = 20_000;

/**
 * How many events wait for the first attempt of each function, and who waits for them to become
 * fewer. On AWS the queue and the function grow with the work; here both are one laptop, and who
 * fills the queue faster than it is emptied would take the time of those who empty it.
 */
export interface Backlog {
  added(functionName: string, entries: number): void;
  begun(functionName: string): void;
  /** Resolves at once where the backlog is not deep, otherwise in turn, or after twenty seconds. */
  room(functionName: string): Promise<void>;
}

export function createBacklog(clock: Clock): Backlog {
  const untried = new Map<string, number>();
  const waiting = new Map<string, Set<() => void>>();
  const depthOf = (functionName: string) => untried.get(functionName) ?? 0;

  function letIn(functionName: string): void {
    const queue = waiting.get(functionName) ?? new Set();
    // One comes for one that goes; all come when there is much room, lest any wait for nobody.
    const many = depthOf(functionName) <= DEEP / 2 ? queue.size : 1;
    for (const enter of [...queue].slice(0, many)) enter();
  }

  return {
    added(functionName, entries) {
      untried.set(functionName, depthOf(functionName) + entries);
    },
    begun(functionName) {
      untried.set(functionName, depthOf(functionName) - 1);
      letIn(functionName);
    },
    async room(functionName) {
      if (depthOf(functionName) <= DEEP) return;
      const queue = waiting.get(functionName) ?? new Set();
      waiting.set(functionName, queue);
      const patience = new AbortController();
      await new Promise<void>((resolve) => {
        const enter = () => {
          queue.delete(enter);
          patience.abort();
          resolve();
        };
        queue.add(enter);
        void clock.sleep(LONGEST_WAIT_MS, patience.signal).then(enter);
      });
    },
  };
}
