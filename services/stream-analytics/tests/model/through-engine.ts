import { decimalText } from '../../src/domain/decimal.ts';
import type { AnyPipeline, Incoming } from '../../src/domain/engine/pipeline.ts';
import { deliverShard } from './deliver.ts';
import { type Fault, faultyStore } from './faulty-store.ts';
import { memoryAnalyticsStore } from './memory-analytics-store.ts';
import { cellName, type Settled } from './settle.ts';

/**
 * Runs a pipeline through the engine as the stream would: events are dealt to shards that run side by
 * side in batches of a few, on a store that fails now and then. Tells what readers see, under the
 * names of `settle`.
 */
export async function throughEngine(
  pipeline: AnyPipeline,
  events: readonly Incoming[],
  { shards, batch, script }: { shards: number; batch: number; script: readonly Fault[] },
): Promise<Pick<Settled, 'states' | 'counts'>> {
  const store = memoryAnalyticsStore();
  const faulty = faultyStore(store, script);
  await Promise.all(
    Array.from({ length: shards }, (_, shard) =>
      deliverShard(
        events.filter((__, at) => at % shards === shard),
        events.map(() => batch),
        { pipelines: [pipeline], store: faulty, shardId: `shardId-00000000000${shard}` },
      ),
    ),
  );
  const sums = new Map<string, { count: number; sum: bigint }>();
  for (const { tenant, metric, window, start, dimensions, count, sum } of await store.cells()) {
    const name = cellName(tenant, metric, window, start, dimensions);
    const before = sums.get(name) ?? { count: 0, sum: 0n };
    sums.set(name, { count: before.count + count, sum: before.sum + sum });
  }
  const left = [...sums].filter(([, { count, sum }]) => count !== 0 || sum !== 0n);
  return {
    states: await store.states(),
    counts: Object.fromEntries(
      left.map(([name, { count, sum }]) => [name, { count, sum: decimalText(sum) }]),
    ),
  };
}
