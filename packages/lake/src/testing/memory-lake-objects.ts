import { createHash } from 'node:crypto';
import type { LakeStore, ListedObject, ObjectWriter, StoredObject } from '../ports.ts';

export type Fault =
  | 'none'
  /** The request never arrived. */
  | 'throw-before'
  /** The request was carried out, but its answer was lost. */
  | 'throw-after'
  /** The caller is stopped here; the request arrives later, when others have gone on. */
  | 'arrive-late'
  /** The request takes its time, and others overtake it. */
  | 'slow';

export class Killed extends Error {}

/** Objects in memory with S3's conditional writes, and the faults that a test plans. */
export function memoryLakeObjects(nextFault: () => Fault = () => 'none') {
  const stored = new Map<string, StoredObject>();
  const late: (() => void)[] = [];

  function put(key: string, bytes: Uint8Array): boolean {
    stored.set(key, { bytes, eTag: createHash('md5').update(bytes).digest('hex') });
    return true;
  }

  /** A request that changes something, with what may happen to it. */
  async function change<T>(request: () => T): Promise<T> {
    const fault = nextFault();
    if (fault === 'slow') await overtaken();
    if (fault === 'throw-before') throw new Error('connection reset');
    if (fault === 'arrive-late') {
      late.push(request);
      throw new Killed();
    }
    const answer = request();
    if (fault === 'throw-after') throw new Error('answer lost');
    return answer;
  }

  const asks = async () => {
    const fault = nextFault();
    if (fault === 'slow') await overtaken();
    if (fault === 'throw-before') throw new Error('connection reset');
  };

  const objects: LakeStore = {
    async read(key) {
      await asks();
      return stored.get(key);
    },
    swap: (key, bytes, seen) =>
      change(() => stored.get(key)?.eTag === seen?.eTag && put(key, bytes)),
    async *list(prefix) {
      await asks();
      for (const key of [...stored.keys()].sort()) {
        const object = stored.get(key);
        if (object && key.startsWith(prefix)) yield listed(key, object);
      }
    },
    async readRange(key, start, end) {
      await asks();
      const object = stored.get(key);
      if (!object) throw new Error(`There is no ${key}.`);
      return object.bytes.subarray(start, end);
    },
    create(key): ObjectWriter {
      const pieces: Uint8Array[] = [];
      return {
        write: async (bytes) => {
          pieces.push(bytes);
        },
        finish: async () => {
          await change(() => put(key, Buffer.concat(pieces)));
        },
        abort: async () => {},
      };
    },
    remove: async (key) => {
      await change(() => stored.delete(key));
    },
    removeIf: (key, eTag) => change(() => stored.get(key)?.eTag === eTag && stored.delete(key)),
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

async function overtaken(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function listed(key: string, { bytes, eTag }: StoredObject): ListedObject {
  return { key, eTag, bytes: bytes.length };
}
