import { type Entry, type Kind, shortName } from './entry.ts';
import type { Outcome } from './invoke.ts';

/** `waiting`: only looked at. `discarded`: by `discard`. */
export type Became = Outcome['outcome'] | 'waiting' | 'discarded';

/** Entries, by what became of them and why they were there. */
export interface Row {
  readonly kind: Kind;
  readonly function: string;
  readonly code: string;
  readonly outcome: Became;
  readonly reason: string;
  entries: number;
  records: number;
}

const OUTCOMES: readonly Became[] = [
  ...(['accepted', 'rejected', 'over_quota', 'failed', 'trimmed', 'held', 'stopped'] as const),
  ...(['waiting', 'discarded'] as const),
];
/** Kinds of reasons of one code: of a flood of different ones the rest is counted together. */
const MOST_ROWS = 500;

export class RedriveReport {
  readonly #rows = new Map<string, Row>();
  readonly #tally = new Map<Became, number>();
  /** Entries that are still where they were. */
  stays = 0;
  seen = 0;
  /** Letters beyond the limit of this run, and one for each queue that was not seen to its end. */
  more = 0;

  add(entry: Entry, became: Outcome | { readonly outcome: 'waiting' | 'discarded' }): void {
    const { outcome } = became;
    this.seen += 1;
    this.#tally.set(outcome, (this.#tally.get(outcome) ?? 0) + 1);
    const isLetterAgain = outcome === 'rejected' && entry.kind === 'letter';
    const isGone = outcome === 'accepted' || outcome === 'rejected' || outcome === 'discarded';
    if (!isGone || isLetterAgain) this.stays += 1;
    const told = 'reason' in became ? became.reason : entry.message;
    const reason = this.#rows.size < MOST_ROWS ? told : 'and others';
    const of = { kind: entry.kind, function: shortName(entry.functionName), code: entry.code };
    const key = JSON.stringify([of, outcome, reason]);
    const row = this.#rows.get(key) ?? { ...of, outcome, reason, entries: 0, records: 0 };
    row.entries += 1;
    row.records += entry.records;
    this.#rows.set(key, row);
  }

  rows(): readonly Row[] {
    return [...this.#rows.values()];
  }

  tally(): Readonly<Record<Became, number>> {
    const counts = OUTCOMES.map((outcome) => [outcome, this.#tally.get(outcome) ?? 0]);
    return Object.fromEntries(counts);
  }
}
