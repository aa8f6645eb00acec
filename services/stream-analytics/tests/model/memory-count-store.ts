import { type Increment, itemOf } from '../../src/domain/counting/contributions.ts';
import type { CountStore } from '../../src/domain/counting/count-store.ts';
import { decimalText } from '../../src/domain/decimal.ts';
import { type Totals, totalKey } from './reference.ts';

/** Counters in memory, held to the same contract tests as the tables. */
export function memoryCountStore(): CountStore & { totals(): Promise<Totals> } {
  const claimed = new Set<string>();
  const items = new Map<string, Increment>();
  return {
    async commit(claims, increments) {
      // DynamoDB's own bounds: 100 actions, no two on one item.
      const actions = [...claims, ...increments.map(itemOf)];
      if (actions.length > 100 || new Set(actions).size < actions.length) {
        throw new RangeError(`no transaction: ${actions.length} actions`);
      }
      const known = claims.filter((claim) => claimed.has(claim));
      if (known.length > 0) return { kind: 'duplicates', claims: new Set(known) };
      for (const claim of claims) claimed.add(claim);
      for (const increment of increments) {
        const item = items.get(itemOf(increment));
        items.set(itemOf(increment), {
          ...increment,
          count: increment.count + (item?.count ?? 0),
          sum: increment.sum + (item?.sum ?? 0n),
        });
      }
      return { kind: 'committed' };
    },
    totals: async () =>
      Object.fromEntries(
        [...items.values()].map(({ tenant, metric, minute, dimensions, count, sum }) => [
          totalKey(tenant, metric, minute, dimensions),
          { count, sum: decimalText(sum) },
        ]),
      ),
  };
}
