import { setTimeout as sleep } from 'node:timers/promises';
import type { MappingStatus } from '../../../packages/local-cloud/src/ports.ts';
import type { Platform } from '../../faults/platform/platform.ts';

/** The event source mappings of the stream. */
export function mappingsOf({ cloud }: Platform): readonly MappingStatus[] {
  return cloud.status().mappings.filter(({ source }) => source.startsWith('arn:aws:kinesis:'));
}

/** Resolves with true when every mapping has done all records; with false when the time is up. */
export async function comesToRest(
  platform: Platform,
  ends: ReadonlyMap<string, string>,
  limitMs: number,
): Promise<boolean> {
  const until = performance.now() + limitMs;
  while (performance.now() < until) {
    if (mappingsOf(platform).every((mapping) => hasDone(mapping, ends))) return true;
    await sleep(200);
  }
  return false;
}

function hasDone({ shards }: MappingStatus, ends: ReadonlyMap<string, string>): boolean {
  return [...ends].every(([shardId, end]) => {
    const shard = shards.find((one) => one.shardId === shardId);
    if (!shard || shard.inFlight > 0) return false;
    if (shard.state === 'ended') return true;
    return shard.checkpoint !== null && BigInt(shard.checkpoint) >= BigInt(end);
  });
}
