import { setTimeout } from 'node:timers/promises';
import type { Pacing } from '../domain/counting/commit-chunk.ts';

/** Enough for the transactions in flight to end and for the answer. */
const RESERVED_MS = 3_000;

/** The clock of one invocation. */
export function invocationPacing(remainingMs: () => number): Pacing {
  return {
    pause: async (ms) => {
      await setTimeout(ms);
    },
    random: Math.random,
    hasTimeLeft: () => remainingMs() > RESERVED_MS,
  };
}
