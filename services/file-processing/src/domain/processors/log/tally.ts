import type { LogFacts } from '@millrace/types';
import { type ErrorSample, errorSample } from './error-sample.ts';
import type { Entry, LogFormat } from './formats/format.ts';
import { pathCounts } from './path-counts.ts';

const TOP_PATHS = 20;
/** A level or a status is one of few; whatever a hostile file makes of them counts together. */
const MAX_STATUSES = 100;
const OTHER = 'other';

/** What is told of a log as a whole. */
export interface Tally {
  readonly errors: ErrorSample;
  add(entry: Entry, line: number): void;
  addUnknown(): void;
  facts(): Omit<LogFacts, 'format' | 'compression'>;
}

export function tally(format: LogFormat): Tally {
  const errors = errorSample(format.columns);
  const paths = pathCounts();
  const statuses = new Map<string, number>();
  let [entries, unknownLines, errorLines] = [0, 0, 0];
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return {
    errors,
    add({ cells, time, status, path, isError }, line) {
      entries += 1;
      if (time !== undefined) {
        if (time < from) from = time;
        if (time > to) to = time;
      }
      if (path !== undefined) paths.add(path);
      if (status !== undefined) {
        const key = statuses.has(status) || statuses.size < MAX_STATUSES ? status : OTHER;
        statuses.set(key, (statuses.get(key) ?? 0) + 1);
      }
      if (!isError) return;
      errorLines += 1;
      errors.add(status, line, cells);
    },
    addUnknown() {
      unknownLines += 1;
    },
    facts: () => ({
      lines: entries + unknownLines,
      unknownLines,
      errorLines,
      ...(from <= to && { from: new Date(from).toISOString(), to: new Date(to).toISOString() }),
      byStatus: Object.fromEntries([...statuses].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      topPaths: paths.top(TOP_PATHS),
    }),
  };
}
