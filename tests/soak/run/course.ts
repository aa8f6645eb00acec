import {
  type KinesisClient,
  ResourceInUseException,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { seeded } from '../../../services/stream-analytics/tests/known-answers/seeded.ts';
import type { Platform } from '../../faults/platform/platform.ts';

/** What is done to the platform while it works. */
export interface Course {
  /**
   * Does what is due. Kills follow what was sent alone: on a machine that is slow they must not come so
   * often that no batch is ever done.
   *
   * @param sent share of the events
   * @param passed share of the time
   */
  at(sent: number, passed: number): Promise<void>;
  /** Reshards where that is still to be done. False: not yet, the stream is busy. */
  end(): Promise<boolean>;
  readonly kills: number;
}

/** Splits, later merges. */
const RESHARDINGS: readonly (readonly [progress: number, shards: number])[] = [
  [0.35, 4],
  [0.65, 3],
];
export const SERVICE = 'stream-analytics';

export function createCourse(
  platform: Platform,
  kinesis: KinesisClient,
  {
    seed,
    kills,
    stream,
  }: { readonly seed: number; readonly kills: number; readonly stream: string },
): Course {
  const chance = seeded(seed ^ 0xdead);
  const deaths = Array.from(
    { length: kills },
    (_, nth) => (nth + 0.1 + 0.8 * chance.next()) / kills,
  );
  const reshardings = [...RESHARDINGS];
  let killed = 0;
  const reshardAt = async (progress: number) => {
    const [due, shards] = reshardings[0] ?? [2, 0];
    if (progress >= due && (await reshard(kinesis, stream, shards))) reshardings.shift();
  };
  return {
    async at(sent, passed) {
      if (sent >= (deaths[killed] ?? 2)) {
        killed += 1;
        platform.kill(SERVICE);
      }
      await reshardAt(Math.max(sent, passed));
    },
    async end() {
      await reshardAt(1);
      return reshardings.length === 0;
    },
    get kills() {
      return killed;
    },
  };
}

/** False while the stream is still busy with the last. */
async function reshard(kinesis: KinesisClient, StreamName: string, TargetShardCount: number) {
  const request = { StreamName, TargetShardCount, ScalingType: 'UNIFORM_SCALING' } as const;
  try {
    await kinesis.send(new UpdateShardCountCommand(request));
    return true;
  } catch (error) {
    if (error instanceof ResourceInUseException) return false;
    throw error;
  }
}
