/**
 * How many invocations of one function run at once at most, whatever AWS would allow. Each is a
 * worker thread of serverless-offline with the whole bundle in it: four keep two cores busy, and
 * more only fill the memory of a laptop. Beyond it invocations wait; they are not throttled.
 */
export const MAX_CONCURRENCY_PER_FUNCTION = 4;

/** The running and waiting invocations of each function. */
export interface Concurrency {
  /**
   * Resolves with a function that gives the slot back, or with `undefined` at once when the
   * function's reserved concurrency is used up (AWS throttles such an invocation).
   */
  acquire(functionName: string, reserved: number | undefined): Promise<(() => void) | undefined>;
}

export function createConcurrency(cap: number = MAX_CONCURRENCY_PER_FUNCTION): Concurrency {
  const running = new Map<string, number>();
  const waiting = new Map<string, (() => void)[]>();

  function release(functionName: string): void {
    const next = waiting.get(functionName)?.shift();
    // The slot passes from hand to hand, so that nobody can overtake the one that waits longest.
    if (next) next();
    else running.set(functionName, (running.get(functionName) ?? 1) - 1);
  }

  return {
    async acquire(functionName, reserved) {
      const active = running.get(functionName) ?? 0;
      const queue = waiting.get(functionName) ?? [];
      waiting.set(functionName, queue);
      if (reserved !== undefined && active + queue.length >= reserved) return undefined;
      if (active < cap) running.set(functionName, active + 1);
      else await new Promise<void>((resolve) => queue.push(resolve));
      let released = false;
      return () => {
        if (released) return;
        released = true;
        release(functionName);
      };
    },
  };
}
