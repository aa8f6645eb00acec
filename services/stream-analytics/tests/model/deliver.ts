import { BatchFailure } from '@millrace/middleware';
import type { Pacing } from '../../src/domain/counting/commit-chunk.ts';
import { countRecords } from '../../src/domain/counting/count-records.ts';
import type { CountStore } from '../../src/domain/counting/count-store.ts';
import type { IncomingEvent } from '../../src/domain/incoming-event.ts';

export const unpaced: Pacing = {
  pause: async () => {},
  random: () => 0.5,
  hasTimeLeft: () => true,
};

/**
 * Delivers a shard as an event source mapping does: batch by batch, again from the lowest reported
 * record after a failure, and with other borders every time. `borders` are the sizes in turn;
 * a size of 0 stands for a kill after the work and before the checkpoint: the batch comes again.
 */
export async function deliverShard(
  shard: readonly IncomingEvent[],
  borders: readonly number[],
  store: CountStore,
): Promise<void> {
  const records = shard.map((value, at) => ({ sequenceNumber: String(at), value }));
  let checkpoint = 0;
  for (let turn = 0; checkpoint < records.length; turn += 1) {
    if (turn > 10_000) throw new Error('the shard is stuck');
    const size = turn < borders.length ? (borders[turn] ?? 1) : records.length;
    const batch = records.slice(checkpoint, checkpoint + Math.max(size, 1));
    try {
      await countRecords(batch, {
        store,
        pacing: unpaced,
        putAside: async (_, cause) => {
          throw cause;
        },
      });
      if (size > 0) checkpoint += batch.length;
    } catch (error) {
      if (!(error instanceof BatchFailure)) throw error;
      checkpoint = Number(error.lowestSequenceNumber);
    }
  }
}
