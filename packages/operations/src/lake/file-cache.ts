import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dataset, type LakeFile, reach } from './datasets.ts';
import { LakeCacheError } from './lake-error.ts';

/** Downloads at the same time. */
const AT_ONCE = 8;

/** Files of the lake in a folder that does not grow beyond a bound. */
export interface FileCache {
  readonly folder: string;
  /** Has the files there and says where, in order. */
  fetch(dataset: Dataset, files: readonly LakeFile[]): Promise<string[]>;
  /** Removes what was not used longest, until the rest is within the bound. */
  trim(): Promise<void>;
}

/**
 * @param mostBytes that files take in all
 * @param stage whose files they are
 */
export async function openFileCache(
  folder: string,
  mostBytes: number,
  stage: string,
): Promise<FileCache> {
  await mkdir(folder, { recursive: true });
  const used = new Set<string>();
  let wanted = 0;

  async function fetchOne({ store, name }: Dataset, file: LakeFile): Promise<string> {
    const identity = createHash('sha256').update(`${stage} ${file.key} ${file.eTag ?? ''}`);
    const path = join(folder, `${identity.digest('hex')}.parquet`);
    used.add(path);
    const now = new Date();
    const isThere = await utimes(path, now, now).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
    const object = await reach(() => store.read(file.key));
    if (!object) throw new Error(`A file of ${name} is gone: ask again.`);
    // Whole or not at all, also for another process that asks at the same time.
    const half = `${path}.${randomUUID()}`;
    await writeFile(half, object.bytes);
    await rename(half, path);
    return path;
  }

  return {
    folder,
    async fetch(dataset, files) {
      wanted += files.reduce((sum, { bytes }) => sum + bytes, 0);
      if (wanted > mostBytes) {
        const [needed, room] = [wanted, mostBytes].map((bytes) => Math.ceil(bytes / 1024 ** 2));
        throw new LakeCacheError(
          `The question reads ${needed} MiB of files, and there is room for ${room}: raise --cache-megabytes, or ask Athena.`,
        );
      }
      const paths: string[] = [];
      for (let at = 0; at < files.length; at += AT_ONCE) {
        const some = files.slice(at, at + AT_ONCE).map((file) => fetchOne(dataset, file));
        paths.push(...(await Promise.all(some)));
      }
      return paths;
    },
    trim: () => trimFolder(folder, mostBytes, used),
  };
}

async function trimFolder(folder: string, mostBytes: number, used: ReadonlySet<string>) {
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const path = join(folder, name);
      const { size, mtimeMs } = await stat(path);
      return { path, size, usedAt: used.has(path) ? Number.MAX_VALUE : mtimeMs };
    }),
  );
  let size = 0;
  for (const file of files.sort((one, other) => other.usedAt - one.usedAt)) {
    size += file.size;
    if (size > mostBytes && !used.has(file.path)) await rm(file.path, { force: true });
  }
}
