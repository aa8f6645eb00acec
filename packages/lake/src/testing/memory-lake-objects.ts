import { createHash } from 'node:crypto';
import type { LakeObjects, StoredObject } from '../ports.ts';

export type Fault =
  | 'none'
  /** The request never arrived. */
  | 'throw-before'
  /** The request was carried out, but its answer was lost. */
  | 'throw-after'
  /** The caller is stopped here; the request arrives later, when others have gone on. */
  | 'arrive-late';

export class Killed extends Error {}

/** Objects in memory with S3's conditional writes, and the faults that a test plans. */
export function memoryLakeObjects(nextFault: () => Fault = () => 'none') {
  const stored = new Map<string, StoredObject>();
  const late: (() => void)[] = [];

  function swapNow(key: string, bytes: Uint8Array, seen: StoredObject | undefined): boolean {
    if (stored.get(key)?.eTag !== seen?.eTag) return false;
    stored.set(key, { bytes, eTag: createHash('md5').update(bytes).digest('hex') });
    return true;
  }

  const objects: LakeObjects = {
    async read(key) {
      if (nextFault() === 'throw-before') throw new Error('connection reset');
      return stored.get(key);
    },
    async swap(key, bytes, seen) {
      const fault = nextFault();
      if (fault === 'throw-before') throw new Error('connection reset');
      if (fault === 'arrive-late') {
        late.push(() => swapNow(key, bytes, seen));
        throw new Killed();
      }
      const isWritten = swapNow(key, bytes, seen);
      if (fault === 'throw-after') throw new Error('answer lost');
      return isWritten;
    },
  };
  return {
    objects,
    keys: () => [...stored.keys()].sort(),
    bytes: (key: string) => stored.get(key)?.bytes ?? new Uint8Array(),
    /** The requests of those who were stopped arrive. */
    arrive: () => {
      for (const request of late.splice(0)) request();
    },
  };
}
