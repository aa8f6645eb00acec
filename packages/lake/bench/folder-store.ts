import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LakeStore } from '@millrace/lake';

/** Objects in a folder, for one process: so that what is measured is not the memory of a store. */
export function folderStore(folder: string): LakeStore {
  const pathOf = (key: string) => join(folder, key);
  const eTagOf = (bytes: number, mtimeMs: number) =>
    createHash('md5').update(`${bytes} ${mtimeMs}`).digest('hex');

  async function look(key: string) {
    const found = await stat(pathOf(key)).catch(() => undefined);
    return found && { bytes: found.size, eTag: eTagOf(found.size, found.mtimeMs) };
  }

  return {
    async read(key) {
      const found = await look(key);
      return found && { bytes: await readFile(pathOf(key)), eTag: found.eTag };
    },
    async swap(key, bytes, seen) {
      if ((await look(key))?.eTag !== seen?.eTag) return false;
      await mkdir(dirname(pathOf(key)), { recursive: true });
      await writeFile(pathOf(key), bytes);
      return true;
    },
    async *list(prefix) {
      const base = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      const names = await readdir(pathOf(base), { recursive: true, withFileTypes: true }).catch(
        () => [],
      );
      const keys = names
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .filter((key) => key.startsWith(prefix));
      for (const key of keys.sort()) {
        const found = await look(key);
        if (found) yield { key, ...found };
      }
    },
    async readRange(key, start, end) {
      const file = await open(pathOf(key));
      try {
        const bytes = new Uint8Array(end - start);
        await file.read(bytes, 0, bytes.length, start);
        return bytes;
      } finally {
        await file.close();
      }
    },
    create(key) {
      const half = `${pathOf(key)}.half`;
      const opened = mkdir(dirname(half), { recursive: true }).then(() => open(half, 'w'));
      return {
        write: async (bytes) => {
          await (await opened).write(bytes);
        },
        finish: async () => {
          await (await opened).close();
          await rename(half, pathOf(key));
        },
        abort: async () => {
          await (await opened).close();
          await rm(half);
        },
      };
    },
    remove: (key) => rm(pathOf(key), { force: true }),
    async removeIf(key, eTag) {
      if ((await look(key))?.eTag !== eTag) return false;
      await rm(pathOf(key));
      return true;
    },
  };
}
