import type { Client } from './client.ts';
import type { Source } from './source.ts';

/** FROZEN: two clicks with at most this pause between them are of one session. */
export const PAUSE_MS = 30 * 60_000;

/** What a session keeps of its first click. */
export interface Beginning extends Source, Client {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly page: string;
}

/** Clicks of a visitor without a longer pause: a session, or the part of it that lies on a day. JSON. */
export interface Run {
  readonly first: Beginning;
  readonly last: { readonly at: number; readonly page: string };
  readonly views: number;
  readonly clicks: number;
}

/**
 * Adds the run of a click to those of its day. What comes of a set of clicks does not depend on
 * the order in which they come, and there is room for 48 runs in a day, however many clicks there are.
 *
 * @param runs ascending, with longer pauses between them.
 * @returns the new runs, and the one that holds the click.
 */
export function withClick(
  runs: readonly Run[],
  click: Run,
): { readonly runs: readonly Run[]; readonly changed: Run } {
  const near = (run: Run) =>
    run.last.at >= click.first.at - PAUSE_MS && run.first.at <= click.last.at + PAUSE_MS;
  const changed = runs.filter(near).reduce(joined, click);
  const others = runs.filter((run) => !near(run));
  return { runs: [...others, changed].sort((a, b) => a.first.at - b.first.at), changed };
}

/** Clicks of the same millisecond are told apart by what they hold, so that no order matters. */
export function joined(one: Run, other: Run): Run {
  return {
    first: compare(one.first, other.first) <= 0 ? one.first : other.first,
    last: compare(one.last, other.last) >= 0 ? one.last : other.last,
    views: one.views + other.views,
    clicks: one.clicks + other.clicks,
  };
}

function compare<T extends { readonly at: number }>(one: T, other: T): number {
  if (one.at !== other.at) return one.at - other.at;
  const [a, b] = [JSON.stringify(one), JSON.stringify(other)];
  return a < b ? -1 : a > b ? 1 : 0;
}
