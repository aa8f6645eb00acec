import type { FoundFiles } from '@millrace/types';
import type { Reprocessor, Wanted } from './reprocessor.ts';

export type FoundFile = FoundFiles['files'][number];

/** @param before files whose verdict is newer are left out; ISO 8601 */
export async function* findFiles(
  { find }: Pick<Reprocessor, 'find'>,
  wanted: Wanted,
  before: string | undefined,
): AsyncGenerator<FoundFile> {
  for (let cursor: string | undefined; ; ) {
    const page = await find(wanted, cursor);
    yield* page.files.filter(({ seenAt }) => before === undefined || seenAt < before);
    if (page.cursor === undefined) return;
    cursor = page.cursor;
  }
}

/** How many there are, by kind, status and version of the processor. */
export interface Counted {
  readonly kind: string;
  readonly status: string;
  readonly processorVersion: number | undefined;
  readonly files: number;
}

export async function countFiles(files: AsyncIterable<FoundFile>): Promise<Counted[]> {
  const counts = new Map<string, Counted>();
  for await (const { kind = 'unknown', status, processorVersion } of files) {
    const key = `${kind} ${status} ${processorVersion}`;
    const files = (counts.get(key)?.files ?? 0) + 1;
    counts.set(key, { kind, status, processorVersion, files });
  }
  return [...counts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, count]) => count);
}
