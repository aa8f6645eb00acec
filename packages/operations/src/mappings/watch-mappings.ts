import { setTimeout as sleep } from 'node:timers/promises';
import { type CloudStatus, type MappingStatus, oldestAgeMs } from '@millrace/local-cloud/status';
import { CloudUnreachableError } from './read-status.ts';

const INTERVAL_MS = 1_000;

/**
 * Reads the status every second until the signal comes. A cloud that answered once may go and come
 * back meanwhile: that is told, not thrown.
 *
 * @throws CloudUnreachableError when it does not answer the first time
 */
export async function watchStatus(options: {
  read(): Promise<CloudStatus>;
  show(status: CloudStatus): void;
  lost(message: string): void;
  readonly signal: AbortSignal;
}): Promise<void> {
  options.show(await options.read());
  while (!options.signal.aborted) {
    await sleep(INTERVAL_MS, undefined, { signal: options.signal }).catch(() => undefined);
    if (options.signal.aborted) return;
    try {
      options.show(await options.read());
    } catch (error) {
      if (!(error instanceof CloudUnreachableError)) throw error;
      options.lost(error.message);
    }
  }
}

/** Gives of each status the mappings that are not as they were the last time; ages alone do not count. */
export function createChanges(): (mappings: readonly MappingStatus[]) => MappingStatus[] {
  let before = new Map<string, string>();
  return (mappings) => {
    const now = new Map(mappings.map((mapping) => [mapping.id, fingerprint(mapping)]));
    const changed = mappings.filter(({ id }) => now.get(id) !== before.get(id));
    before = now;
    return changed;
  };
}

function fingerprint(mapping: MappingStatus): string {
  const shards = mapping.shards.map(({ iteratorAgeMs: _, ...shard }) => shard);
  return JSON.stringify({ ...mapping, shards, waits: oldestAgeMs(mapping) > 0 });
}
