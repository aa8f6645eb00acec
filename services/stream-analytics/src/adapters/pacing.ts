import { setTimeout } from 'node:timers/promises';
import type { Pacing } from '../domain/engine/pacing.ts';
import { RESERVED_MS } from './dynamodb-client.ts';

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
