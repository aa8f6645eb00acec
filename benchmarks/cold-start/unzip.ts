import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';

/** @param into a folder that is there */
export async function unzip(file: string, into: string): Promise<void> {
  const entries = unzipSync(await readFile(file));
  for (const [name, bytes] of Object.entries(entries)) {
    if (name.endsWith('/')) continue;
    const path = join(into, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
}
