import fc from 'fast-check';
import type { AnalyticsStore } from '../../src/domain/engine/analytics-store.ts';

/**
 * What happens to one commit. `lost-answer` writes and then fails, as a timeout or a kill right
 * after the write would; `lost-request` fails before.
 */
export type Fault = 'none' | 'lost-request' | 'lost-answer' | 'contended';

export const faults: fc.Arbitrary<Fault[]> = fc.array(
  fc.constantFrom<Fault>('none', 'lost-request', 'lost-answer', 'contended'),
  { maxLength: 30, size: 'max' },
);

/** Lets others in between, so that side-by-side pipelines and shards really mix. */
const others = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Suffers the faults in turn, one a commit, and is well when they are used up. */
export function faultyStore(store: AnalyticsStore, script: readonly Fault[]): AnalyticsStore {
  const left = [...script];
  const slowly =
    <A extends unknown[], R>(read: (...args: A) => Promise<R>) =>
    async (...args: A) => {
      const found = await read(...args);
      await others();
      return found;
    };
  return {
    readBlocks: slowly(store.readBlocks),
    readSeen: slowly(store.readSeen),
    readStates: slowly(store.readStates),
    readDetails: slowly(store.readDetails),
    async commit(transaction) {
      const fault = left.shift() ?? 'none';
      if (fault === 'lost-request') throw new Error('the request was lost');
      if (fault === 'contended') return { kind: 'contended', cause: new Error('busy') };
      await others();
      const outcome = await store.commit(transaction);
      if (fault === 'lost-answer') throw new Error('the answer was lost');
      return outcome;
    },
  };
}
