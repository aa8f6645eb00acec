import { BatchFailure } from '@millrace/middleware';
import type { AnalyticsStore } from '../../src/domain/engine/analytics-store.ts';
import type { Pacing } from '../../src/domain/engine/pacing.ts';
import type { AnyPipeline } from '../../src/domain/engine/pipeline.ts';
import { processBatch } from '../../src/domain/engine/process-batch.ts';
import { SeenEvents } from '../../src/domain/engine/seen-events.ts';
import type { IncomingEvent } from '../../src/domain/incoming-event.ts';

export const unpaced: Pacing = {
  pause: async () => {},
  random: () => 0.5,
  hasTimeLeft: () => true,
};

export interface Delivery {
  readonly pipelines: readonly AnyPipeline[];
  readonly store: AnalyticsStore;
  readonly shardId?: string;
  /** Where shards are to share an environment, which then outlives every kill. */
  readonly environment?: Environment;
}

export type Environment = ReturnType<typeof startEnvironment>;

/** What lives as long as a function's environment. */
export function startEnvironment({ pipelines, store }: Pick<Delivery, 'pipelines' | 'store'>) {
  return pipelines.map((pipeline) => ({ pipeline, seen: new SeenEvents(store) }));
}

/**
 * Delivers a shard as an event source mapping does: batch by batch, again from the lowest reported
 * record after a failure, and with other borders every time. `borders` are the sizes in turn;
 * a size of 0 stands for a kill after the work and before the checkpoint: the batch comes again, to
 * an environment that remembers nothing.
 */
export async function deliverShard(
  shard: readonly IncomingEvent[],
  borders: readonly number[],
  delivery: Delivery,
): Promise<void> {
  const { store, shardId = 'shardId-000000000000' } = delivery;
  const records = shard.map((value, at) => ({
    shardId,
    sequenceNumber: String(at),
    arrivedAt: '2026-11-24T00:00:00.000Z',
    arrivedAtMs: Date.parse('2026-11-24T00:00:00.000Z'),
    value,
  }));
  let environment = delivery.environment ?? startEnvironment(delivery);
  let checkpoint = 0;
  for (let turn = 0; checkpoint < records.length; turn += 1) {
    if (turn > 10_000) throw new Error('the shard is stuck');
    const size = turn < borders.length ? (borders[turn] ?? 1) : records.length;
    const batch = records.slice(checkpoint, checkpoint + Math.max(size, 1));
    try {
      await processBatch(batch, {
        pipelines: environment,
        store,
        pacing: unpaced,
        putAside: async (_, cause) => {
          throw cause;
        },
      });
      if (size > 0) checkpoint += batch.length;
      else environment = delivery.environment ?? startEnvironment(delivery);
    } catch (error) {
      if (!(error instanceof BatchFailure)) throw error;
      checkpoint = Number(error.lowestSequenceNumber);
    }
  }
}
