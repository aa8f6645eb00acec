import type { Lane } from './lane.ts';
import type { LaneMemory } from './lane-memory.ts';
import { createShardProgress, type ShardProgress } from './progress.ts';

/** What a mapping counts: records, but for splits (batches) and throttles (invocations). */
export interface MappingCounts {
  delivered: number;
  retried: number;
  splits: number;
  throttles: number;
  filtered: number;
  discarded: number;
}

/** One durable step of a shard: all of it is stored, or nothing. */
export interface ShardStep {
  /** Every record up to here is done; missing if that did not move. */
  readonly checkpoint?: string;
  /** What each lane has to remember, by lane; null if nothing; missing if nothing changed. */
  readonly lanes?: readonly (LaneMemory | undefined)[] | null;
  readonly counts: Partial<MappingCounts>;
}

/** Brings what the lanes came to together with the checkpoint, step by step. */
export interface ShardLedger {
  readonly progress: ShardProgress;
  /** Stores where the shard is now, with what the step counted. Throws if it could not be stored. */
  save(counts: Partial<MappingCounts>): void;
  /** The same after a read, in which no lane did anything: only the checkpoint may have moved. */
  saveCheckpoint(): void;
}

export function createShardLedger(
  lanes: readonly Lane[],
  commit: (step: ShardStep) => void,
): ShardLedger {
  const progress = createShardProgress();
  let stored: string | undefined;
  let filtered = 0;
  let remembers = true;

  /** One lane between two batches is told by the checkpoint alone. */
  function memories(): readonly (LaneMemory | undefined)[] | null {
    const all = lanes.map((lane) => lane.memory);
    const [only] = all;
    const plain = all.length === 1 && (!only || (only.segments.length === 0 && !only.window));
    return plain || all.every((memory) => memory === undefined) ? null : all;
  }

  const hasMoved = () => progress.checkpoint !== undefined && progress.checkpoint !== stored;

  function save(counts: Partial<MappingCounts>): void {
    const { checkpoint } = progress;
    const lanesNow = memories();
    const counted = Object.values(counts).some((count) => count > 0);
    if (!hasMoved() && !counted && lanesNow === null && !remembers) return;
    commit({
      ...(hasMoved() && checkpoint !== undefined && { checkpoint }),
      ...((lanesNow !== null || remembers) && { lanes: lanesNow }),
      counts: { ...counts, filtered: progress.filtered - filtered },
    });
    stored = checkpoint;
    filtered = progress.filtered;
    remembers = lanesNow !== null;
  }

  return {
    progress,
    save,
    saveCheckpoint() {
      if (hasMoved()) save({});
    },
  };
}
