import { EVENT_HORIZON, METRICS, type MetricDeclaration } from '@millrace/types';
import type { CellWrite, ItemKey, StateWrite, Transaction } from './analytics-store.ts';
import type { Cell } from './cells.ts';
import type { Chunk } from './chunk.ts';
import { withSeen } from './details.ts';
import type { WrittenState } from './effects.ts';
import { digestsToBytes, minuteOfLog } from './identity.ts';
import type { StoredValues } from './stored-values.ts';

/**
 * What stores a chunk, given what is stored.
 *
 * @param positions the last block of each log that was searched for the chunk's events
 */
export async function transactionOf(
  chunk: Chunk,
  values: StoredValues,
  positions: ReadonlyMap<string, number>,
): Promise<Transaction> {
  return {
    seen: [...chunk.logs].map(([log, digests]) => ({
      log,
      position: (positions.get(log) ?? 0) + 1,
      digests: digestsToBytes(digests),
      expiresAt: expiryOf(log),
    })),
    states: [
      ...[...chunk.states].map(([key, written]) => stateWrite(written, values.versionOf(key))),
      ...[...chunk.documents.values()].map((written) => stateWrite(written, 'any')),
    ],
    cells: await cellWrites([...chunk.cells.values()], values),
  };
}

/**
 * An event is taken up to `EVENT_HORIZON.pastMs` after its time, its record may be delivered for the
 * week that the stream keeps it, and the clocks of both need not agree.
 */
const DELIVERY_DAYS = 14;

function expiryOf(log: string): number {
  const end = Date.parse(minuteOfLog(log)) + EVENT_HORIZON.pastMs + DELIVERY_DAYS * 86_400_000;
  return Math.ceil(end / 1000);
}

function stateWrite({ ref, state }: WrittenState, replaces: number | 'any'): StateWrite {
  const { pk, sk, expiresAt } = ref;
  return { pk, sk, state, replaces, ...(expiresAt !== undefined && { expiresAt }) };
}

async function cellWrites(cells: readonly Cell[], values: StoredValues): Promise<CellWrite[]> {
  const detailed = cells.filter((cell) => cell.seen);
  const found = await values.detailsOf(detailed);
  const before = new Map<ItemKey, (typeof found)[number]>(
    detailed.map((cell, at) => [cell, found[at]]),
  );
  return cells.map((one) => {
    const { seen, ...cell } = one;
    if (!seen) return cell;
    const { details } = METRICS[cell.metric] as MetricDeclaration;
    return { ...cell, details: withSeen(before.get(one), seen, details) };
  });
}
