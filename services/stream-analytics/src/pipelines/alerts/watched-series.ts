import { type MetricName, type MetricWindow, windowStart } from '@millrace/types';
import { DAY_MS } from '../../domain/days.ts';
import type { AnalyticsStore, CellWrite, StateWrite } from '../../domain/engine/analytics-store.ts';
import type { AlertRule } from './alert-rule.ts';

/** The counters that rules look at: one metric at one length of window. */
export interface Series {
  readonly metric: MetricName;
  readonly window: MetricWindow;
}

/** A tenant has data of a series in a span of event time: the hour of a minute, else the window. */
export interface SeriesNote extends Series {
  readonly tenant: string;
  readonly span: string;
}

export function spanOf(start: string, window: MetricWindow): string {
  return window === '1m' ? windowStart(start, '1h') : start;
}

/** No tenant begins with `*`. */
export function seriesPartition({ metric, window }: Series): string {
  return `*#series#${metric}#${window}`;
}

/** Longer than any rule looks back. */
const KEPT_DAYS = 40;

export function noteWrite(note: SeriesNote): StateWrite {
  const { tenant, span } = note;
  return {
    pk: seriesPartition(note),
    sk: `${span}#${tenant}`,
    state: '{}',
    replaces: 'any',
    expiresAt: Date.parse(span) / 1000 + (KEPT_DAYS * DAY_MS) / 1000,
  };
}

/** Names that are remembered, some 100 bytes each; then the memory begins anew. */
const MOST_REMEMBERED = 50_000;
/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const NOTES_AT_ONCE = 25;

type Commits = Pick<AnalyticsStore, 'commit'>;

/**
 * Notes who has data of the series that rules look at, before the counters are written: what is counted
 * is noted, whatever is killed when. A note without data does no harm, and one that is there is put
 * again by every environment of the function once, so that it costs next to nothing.
 */
export function notingSeries<S extends Commits>(store: S, rules: readonly AlertRule[]): S {
  const watched = new Map<string, Set<MetricWindow>>();
  for (const { metric, window } of rules) {
    watched.set(metric, (watched.get(metric) ?? new Set()).add(window));
  }
  const noted = new Set<string>();
  const newNotes = (cells: readonly CellWrite[]) => {
    const notes = new Map<string, StateWrite>();
    for (const { tenant, metric, window, start } of cells) {
      if (!watched.get(metric)?.has(window)) continue;
      const write = noteWrite({ tenant, metric, window, span: spanOf(start, window) });
      const name = `${write.pk}\n${write.sk}`;
      if (!noted.has(name)) notes.set(name, write);
    }
    return notes;
  };
  return {
    ...store,
    async commit(transaction) {
      const notes = [...newNotes(transaction.cells)];
      for (let at = 0; at < notes.length; at += NOTES_AT_ONCE) {
        const some = notes.slice(at, at + NOTES_AT_ONCE);
        const states = some.map(([, write]) => write);
        const outcome = await store.commit({ seen: [], states, cells: [] });
        if (outcome.kind !== 'committed') return outcome;
        if (noted.size > MOST_REMEMBERED) noted.clear();
        for (const [name] of some) noted.add(name);
      }
      return await store.commit(transaction);
    },
  };
}
