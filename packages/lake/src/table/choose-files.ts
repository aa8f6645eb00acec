import type { ChangesFile } from './manifest.ts';

/** So many small files of a day that is not over yet are left alone. */
const MOST_SMALL_FILES = 8;

/** No file outweighs the others more than so: a row is written again when its file grows fourfold. */
const LEAST_GROWTH = 4;

/**
 * Files that are worth joining, which follow each other in one day: the first that there are, or
 * none. Files of half the size that is wanted are left alone. As long as a day lasts, a row is
 * written again a logarithm of times only; when it is over, what is small and side by side is joined.
 * A file whose columns have become wider since is written again alone.
 *
 * @param files sorted by day, then key
 * @param today `2026-11-23`
 */
export function chooseFiles(
  files: readonly ChangesFile[],
  { schema, today, targetBytes }: { schema: number; today: string; targetBytes: number },
): readonly ChangesFile[] {
  const outdated = files.find((file) => file.schema < schema);
  if (outdated) return [outdated];
  for (const run of runsOfSmall(files, targetBytes / 2)) {
    const isOver = (run[0]?.day ?? today) < today;
    const joined = isOver ? fitting(run, targetBytes) : balanced(run, targetBytes);
    if (joined.length >= (isOver ? 2 : MOST_SMALL_FILES)) return joined;
  }
  return [];
}

/** Neighbours of one day that are smaller than that. */
function* runsOfSmall(files: readonly ChangesFile[], bytes: number) {
  let run: ChangesFile[] = [];
  for (const file of files) {
    const isSmall = file.bytes < bytes;
    if (run.length > 0 && (!isSmall || run[0]?.day !== file.day)) {
      yield run;
      run = [];
    }
    if (isSmall) run.push(file);
  }
  if (run.length > 0) yield run;
}

/** The longest end of the run in which no file outweighs the others. */
function balanced(run: readonly ChangesFile[], targetBytes: number): readonly ChangesFile[] {
  for (let start = 0; start < run.length; start += 1) {
    const chosen = fitting(run.slice(start), targetBytes);
    const sizes = chosen.map(({ bytes }) => bytes);
    const sum = sizes.reduce((total, bytes) => total + bytes, 0);
    if (LEAST_GROWTH * Math.max(...sizes) <= sum) return chosen;
  }
  return [];
}

/** As many from the start as make one file of the size that is wanted. */
function fitting(run: readonly ChangesFile[], targetBytes: number): readonly ChangesFile[] {
  let sum = 0;
  const end = run.findIndex(({ bytes }) => {
    sum += bytes;
    return sum >= targetBytes;
  });
  return end < 0 ? run : run.slice(0, end + 1);
}
