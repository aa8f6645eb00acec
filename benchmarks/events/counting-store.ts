import type { AnalyticsStore } from '../../services/stream-analytics/src/domain/engine/analytics-store.ts';

/** What a store was asked for, in DynamoDB's units. */
export interface Usage {
  /** Write request units: 2 for each KB of each item of a transaction. */
  writes: number;
  /** Read request units: 1 for each 4 KB of each item (or page of a query), strongly consistent. */
  reads: number;
  transactions: number;
}

/** Keys, names and numbers of an item, besides what is measured. */
const STATE_BYTES = 120;
const BLOCK_BYTES = 100;
const CELL_BYTES = 420;

const kilobytes = (bytes: number, unit: number) => Math.max(1, Math.ceil(bytes / (unit * 1024)));

/**
 * Counts what DynamoDB would bill.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
export function counted(store: AnalyticsStore): { store: AnalyticsStore; usage: Usage } {
  const usage: Usage = { writes: 0, reads: 0, transactions: 0 };
  return {
    usage,
    store: {
      async readBlocks(places) {
        const found = await store.readBlocks(places);
        for (const one of found) usage.reads += kilobytes(one?.digests.length ?? 0, 4);
        return found;
      },
      async readSeen(log, after) {
        const blocks = await store.readSeen(log, after);
        const bytes = blocks.reduce((sum, { digests }) => sum + digests.length + BLOCK_BYTES, 0);
        usage.reads += kilobytes(bytes, 4);
        return blocks;
      },
      async readStates(keys) {
        const found = await store.readStates(keys);
        for (const one of found) usage.reads += kilobytes(one?.state?.length ?? 0, 4);
        return found;
      },
      async readDetails(keys) {
        const found = await store.readDetails(keys);
        for (const one of found) usage.reads += kilobytes(bytesOf(one), 4);
        return found;
      },
      commit(transaction) {
        const { seen, states, cells } = transaction;
        const sizes = [
          ...seen.map(({ digests }) => digests.length + BLOCK_BYTES),
          ...states.map(({ state = '' }) => Buffer.byteLength(state) + STATE_BYTES),
          ...cells.map(({ details }) => bytesOf(details) + CELL_BYTES),
        ];
        for (const size of sizes) usage.writes += 2 * kilobytes(size, 1);
        usage.transactions += 1;
        return store.commit(transaction);
      },
    },
  };
}

function bytesOf(
  details: { quantiles?: Uint8Array; distinct?: Uint8Array; top?: Uint8Array } | undefined,
): number {
  const { quantiles, distinct, top } = details ?? {};
  return (quantiles?.length ?? 0) + (distinct?.length ?? 0) + (top?.length ?? 0);
}
