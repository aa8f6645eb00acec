import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

export interface Patience {
  /** Default 60,000. */
  readonly timeoutMs?: number;
  /** From an answer to the next question. Default 100. */
  readonly everyMs?: number;
}

/**
 * Reads until what it reads is what is waited for, and returns it. An error of `read` is thrown at
 * once.
 *
 * @throws Error with what was read last, when the time is over
 */
export async function eventually<T, D extends T>(
  read: () => Promise<T>,
  isDone: (value: T) => value is D,
  patience?: Patience,
): Promise<D>;
export async function eventually<T>(
  read: () => Promise<T>,
  isDone: (value: T) => boolean,
  patience?: Patience,
): Promise<T>;
export async function eventually<T>(
  read: () => Promise<T>,
  isDone: (value: T) => boolean,
  { timeoutMs = 60_000, everyMs = 100 }: Patience = {},
): Promise<T> {
  for (const end = performance.now() + timeoutMs; ; await sleep(everyMs)) {
    const value = await read();
    if (isDone(value)) return value;
    if (performance.now() > end) {
      throw new Error(
        `After ${timeoutMs} ms it was not yet so: ${isDone}. Read last: ${inspect(value, { depth: 8 })}`,
      );
    }
  }
}
