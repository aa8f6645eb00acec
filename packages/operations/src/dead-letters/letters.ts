import { hostname } from 'node:os';
import type { Entry } from './entry.ts';
import type { LetterRecord } from './letter-events.ts';

/** Who has a letter in hand, and until when nobody else takes it, milliseconds since the epoch. */
export interface Claim {
  readonly holder: string;
  readonly until: number;
}

/** A letter without its payload; `id` is that of the record, also while it is in somebody's hands. */
export interface Letter extends Entry, Omit<LetterRecord, 'payload'> {
  readonly kind: 'letter';
  readonly table: string;
  /** Where it is `redriving`. */
  readonly claim: Claim | undefined;
}

/** Why it is not in our hands. */
export type Claimed = 'ours' | 'taken' | 'gone';

/** The letters of the tables; every change of one is a single transaction. */
export interface LetterStore {
  /** Those in hands too. In no order; with closed ones where they are asked for. */
  all(withClosed: boolean): AsyncIterable<Letter>;
  payload(letter: Letter): Promise<Uint8Array>;
  /**
   * Takes an open letter out of its place into the hands of `claim.holder`, or takes over a letter
   * that a dead run left: then its place may be filled again. Whatever is not as `letter` says any
   * more stays.
   */
  claim(letter: Letter, claim: Claim): Promise<Claimed>;
  /** What lies in the letter's place, without whoever may have it in hand. */
  inPlace(letter: Letter): Promise<Letter | undefined>;
  /**
   * Puts it back into its place: open again, or as a tombstone that keeps a later delivery from
   * putting it aside again. What lies there by now stays, and is the letter.
   */
  putBack(letter: Letter, holder: string, status: 'open' | 'redriven'): Promise<void>;
  /** Only where it is open. @returns whether it was. */
  discard(letter: Letter): Promise<boolean>;
}

/** Longer than an invocation takes with everything around it. */
export const CLAIM_MS = 300_000;

/** Names this process: another on the same machine can tell whether it still runs. */
export const thisHolder = (): string => `${hostname()}/${process.pid}/${START}`;
const START = Math.round(Date.now() - performance.now());

/** Whether a claim is over: its time is, or its process was one of this machine and is gone. */
export function isLeft({ holder, until }: Claim, now: number): boolean {
  if (until <= now) return true;
  const [host, pid] = holder.split('/');
  return host === hostname() && !isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
