import fc from 'fast-check';
import type { CountStore } from '../../src/domain/counting/count-store.ts';

/**
 * What happens to one commit. `lost-answer` writes and then fails, as a timeout or a kill right
 * after the write would; `lost-request` fails before.
 */
export type Fault = 'none' | 'lost-request' | 'lost-answer' | 'contended';

export const faults: fc.Arbitrary<Fault[]> = fc.array(
  fc.constantFrom<Fault>('none', 'lost-request', 'lost-answer', 'contended'),
  { maxLength: 30, size: 'max' },
);

/** Suffers the faults in turn, one a commit, and is well when they are used up. */
export function faultyCountStore(store: CountStore, script: readonly Fault[]): CountStore {
  const left = [...script];
  return {
    async commit(claims, increments) {
      const fault = left.shift() ?? 'none';
      if (fault === 'lost-request') throw new Error('the request was lost');
      if (fault === 'contended') return { kind: 'contended', cause: new Error('busy') };
      // Lets others in between, so that side-by-side chunks and shards really mix.
      await new Promise<void>((resolve) => setImmediate(resolve));
      const outcome = await store.commit(claims, increments);
      if (fault === 'lost-answer') throw new Error('the answer was lost');
      return outcome;
    },
  };
}
