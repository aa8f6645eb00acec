import { decimalText } from '../../src/domain/decimal.ts';
import type {
  AnalyticsStore,
  CellWrite,
  ItemKey,
  SeenBlock,
  StoredDetails,
} from '../../src/domain/engine/analytics-store.ts';
import { type Totals, totalKey } from './reference.ts';

const nameOf = ({ pk, sk }: ItemKey) => `${pk} ${sk}`;

/** The store in memory, held to the same contract tests as the tables. */
export function memoryAnalyticsStore() {
  const logs = new Map<string, SeenBlock[]>();
  const states = new Map<string, { state: string | undefined; version: number }>();
  const cells = new Map<string, CellWrite>();
  const details = new Map<string, StoredDetails>();
  const store: AnalyticsStore = {
    readBlocks: async (places) =>
      places.map(({ log, position }) =>
        logs.get(log)?.find((block) => block.position === position),
      ),
    readSeen: async (log, after) =>
      (logs.get(log) ?? [])
        .filter(({ position }) => position > after)
        .sort((a, b) => a.position - b.position),
    readStates: async (keys) => keys.map((key) => states.get(nameOf(key))),
    readDetails: async (keys) => keys.map((key) => details.get(nameOf(key))),
    async commit({ seen, states: written, cells: added }) {
      const items = [
        ...seen.map(({ log, position }) => `${log} ${position}`),
        ...[...written, ...added].map(nameOf),
      ];
      // DynamoDB's own bounds: 100 actions, no two on one item.
      if (items.length > 100 || new Set(items).size < items.length) {
        throw new RangeError(`no transaction: ${items.length} actions`);
      }
      const outdated =
        seen.some(({ log, position }) =>
          logs.get(log)?.some((block) => block.position === position),
        ) ||
        written.some(
          (one) =>
            one.replaces !== 'any' && (states.get(nameOf(one))?.version ?? 0) !== one.replaces,
        ) ||
        added.some(
          (one) =>
            one.details && (details.get(nameOf(one))?.version ?? 0) !== one.details.version - 1,
        );
      if (outdated) return { kind: 'outdated', cause: new Error('outdated') };
      for (const block of seen) logs.set(block.log, [...(logs.get(block.log) ?? []), block]);
      for (const one of written) {
        if (one.replaces !== 'any')
          states.set(nameOf(one), { state: one.state, version: one.replaces + 1 });
        else if (one.state === undefined) states.delete(nameOf(one));
        else states.set(nameOf(one), { state: one.state, version: 0 });
      }
      for (const one of added) {
        const before = cells.get(nameOf(one));
        cells.set(nameOf(one), {
          ...one,
          count: one.count + (before?.count ?? 0),
          sum: one.sum + (before?.sum ?? 0n),
        });
        if (one.details) details.set(nameOf(one), one.details);
      }
      return { kind: 'committed' };
    },
  };
  return {
    ...store,
    totals: async (): Promise<Totals> => {
      const totals = new Map<string, { count: number; sum: bigint }>();
      for (const { tenant, metric, window, start, dimensions, count, sum } of cells.values()) {
        if (window !== '1m') continue;
        const key = totalKey(tenant, metric, start, dimensions);
        const before = totals.get(key) ?? { count: 0, sum: 0n };
        totals.set(key, { count: before.count + count, sum: before.sum + sum });
      }
      return Object.fromEntries(
        [...totals].map(([key, { count, sum }]) => [key, { count, sum: decimalText(sum) }]),
      );
    },
    /** Every window. */
    cells: async () => [...cells.values()],
    details: async () => details,
    states: async () =>
      new Map(
        [...states].flatMap(([key, { state }]) =>
          state === undefined ? [] : [[key, JSON.parse(state)]],
        ),
      ),
  };
}
