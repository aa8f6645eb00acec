import type { Clock } from '../clock.ts';

/** How long nothing is tried of a function that was not there. */
const HOLD_MS = 1_000;

/**
 * Functions whose service is not there. What waits for them is left alone: to find out of each event
 * by itself would keep the cloud from everything else, where many wait.
 */
export interface Absences {
  noticed(functionName: string): void;
  /** Their service has come. */
  ended(functionNames: readonly string[]): void;
  names(): string[];
  has(functionName: string): boolean;
  /** When the first of them is tried again. */
  nextTryAt(): number | undefined;
}

export function createAbsences(clock: Clock): Absences {
  const until = new Map<string, number>();

  function present(): void {
    for (const [name, end] of until) if (end <= clock.now()) until.delete(name);
  }

  return {
    noticed(functionName) {
      until.set(functionName, clock.now() + HOLD_MS);
    },
    ended(functionNames) {
      for (const name of functionNames) until.delete(name);
    },
    names() {
      present();
      return [...until.keys()];
    },
    has(functionName) {
      present();
      return until.has(functionName);
    },
    nextTryAt() {
      return until.size === 0 ? undefined : Math.min(...until.values());
    },
  };
}
