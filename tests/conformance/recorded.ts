import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../rehearsal/environment.ts';
import type { Column } from './columns.ts';

/** What the page shows, for machines: the columns as they were last written. */
const RECORD = join(import.meta.dirname, 'recorded.json');

export const PAGE = join(ROOT, 'docs/conformance.md');

export async function readRecorded(): Promise<readonly Column[]> {
  const text = await readFile(RECORD, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '[]';
    throw error;
  });
  return JSON.parse(text) as Column[];
}

export async function writeRecorded(columns: readonly Column[]): Promise<void> {
  await writeFile(RECORD, `${JSON.stringify(columns, null, 2)}\n`);
}
