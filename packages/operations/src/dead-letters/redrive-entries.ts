import { comparePlaces, type Filter, isSelected } from './entry.ts';
import { createFirstOf } from './first-of.ts';
import { type Outcome, outcomeOf } from './invoke.ts';
import { orderingKey, subsequenceOf } from './letter-events.ts';
import type { Letter, LetterStore } from './letters.ts';
import type { Pace } from './pace.ts';
import { type MessageEntry, type QueueMessage, readMessage } from './queue-messages.ts';
import { redriveLetter } from './redrive-letter.ts';
import type { RedriveReport } from './redrive-report.ts';
import { replayRange } from './replay-range.ts';
import { type Sources, throughAll } from './sources.ts';
import { type MessageQueue, type QueueWalk, walkQueue } from './walk-queue.ts';

export interface RedriveRun {
  readonly filter: Filter;
  readonly report: RedriveReport;
  /** Letters of a table that one run takes up, those that arrived first. */
  readonly limit: number;
  readonly isForced: boolean;
  readonly holder: string;
  readonly now: () => number;
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** Told of records of the range that is replayed, and after each entry. */
  onProgress(inRange?: number): void;
}

/** As many failures in a row are no accident: the cause is not mended. */
export const MOST_FAILURES_IN_A_ROW = 5;

/** Redrives what is selected, one after the other, until it is stopped or nothing succeeds. */
export async function redriveEntries(sources: Sources, run: RedriveRun): Promise<void> {
  const { kind } = run.filter;
  let failures = 0;
  const isOver = () => run.signal.aborted || failures >= MOST_FAILURES_IN_A_ROW;
  const note = (outcome: Outcome['outcome']) => {
    if (outcome === 'failed') failures += 1;
    else if (outcome === 'accepted' || outcome === 'rejected') failures = 0;
  };
  const watched = { ...run, isOver, note };
  await throughAll(sources.stage, [
    ...(kind === undefined || kind === 'letter' ? sources.letters : []).map(
      (store) => () => redriveLetters(store, sources, watched),
    ),
    ...(kind === 'letter' ? [] : sources.queues).map(
      ({ service, queue }) =>
        () =>
          redriveQueue(queue, service, sources, watched),
    ),
  ]);
}

interface Watched extends RedriveRun {
  isOver(): boolean;
  note(outcome: Outcome['outcome']): void;
}

/** In the order of the stream; behind a record that stays, none of its key in its function is begun. */
async function redriveLetters(store: LetterStore, { invoke }: Sources, run: Watched) {
  const { filter, report, limit, isForced, holder, now, pace } = run;
  const first = createFirstOf<Letter>(limit, inOrder);
  for await (const letter of store.all(false)) if (isSelected(letter, filter)) first.add(letter);
  report.more += first.more();
  const blocked = new Set<string>();
  for (const letter of first.all()) {
    if (run.isOver()) return;
    const key = JSON.stringify([letter.source, orderingKey(letter)]);
    if (!blocked.has(key)) await pace(1);
    const outcome: Outcome = blocked.has(key)
      ? { outcome: 'held', reason: 'a record of the same key before it stays' }
      : await redriveLetter(letter, { store, invoke, holder, now, isForced });
    if (outcome.outcome === 'failed' || outcome.outcome === 'over_quota') blocked.add(key);
    report.add(letter, outcome);
    run.note(outcome.outcome);
    run.onProgress();
  }
}

/** What a dead run left comes before what lies in its place by now. */
function inOrder(left: Letter, right: Letter): number {
  if (left.source !== right.source) return left.source < right.source ? -1 : 1;
  const order = comparePlaces(placeOf(left), placeOf(right));
  return order || Number(right.claim !== undefined) - Number(left.claim !== undefined);
}

function placeOf(letter: Letter) {
  const arrivedAt = Date.parse(letter.arrivedAt ?? '') || letter.at;
  const { sequenceNumber } = letter.attributes;
  return { sequenceNumber, subsequence: subsequenceOf(letter), arrivedAt };
}

type Taken = readonly [MessageEntry, QueueMessage];

/**
 * A message leaves the queue when its function has answered for all of it. Ranges of a stream are
 * gathered first, for a queue has no order and a shard does.
 */
async function redriveQueue(queue: MessageQueue, service: string, sources: Sources, run: Watched) {
  const walk = walkQueue(queue);
  const batches: Taken[] = [];
  try {
    for await (const message of walk.messages()) {
      if (run.isOver()) return;
      const entry = readMessage(message, service, sources.stage);
      if (!isSelected(entry, run.filter)) continue;
      const taken: Taken = [entry, { ...message, body: '' }];
      if (entry.kind === 'batch') batches.push(taken);
      else await redriveMessage(taken, walk, sources, run);
    }
    const blocked = new Set<string>();
    for (const taken of batches.sort(byRange)) {
      if (run.isOver()) return;
      await redriveMessage(taken, walk, sources, run, blocked);
    }
    if (walk.isCut()) run.report.more += 1;
  } finally {
    await walk.end();
  }
}

function byRange([left]: Taken, [right]: Taken): number {
  const [a, b] = [left, right].map(({ content, functionName, at }) => {
    const range = content.kind === 'batch' ? content.range : undefined;
    const shard = `${functionName} ${range?.streamArn} ${range?.shardId}`;
    return { shard, sequenceNumber: range?.first, arrivedAt: at };
  });
  if (!a || !b) return 0;
  return a.shard < b.shard ? -1 : a.shard > b.shard ? 1 : comparePlaces(a, b);
}

async function redriveMessage(
  [entry, message]: Taken,
  walk: QueueWalk,
  sources: Sources,
  run: Watched,
  blocked = new Set<string>(),
): Promise<void> {
  const shard = shardOf(entry);
  const outcome: Outcome = blocked.has(shard)
    ? { outcome: 'held', reason: 'a range of the same shard before it stays' }
    : await redriven(entry, () => walk.hold(message), sources, run);
  const { outcome: became } = outcome;
  // Only a record that stays: what has left the stream does not come before anything any more.
  if (became === 'failed') blocked.add(shard);
  if (became === 'accepted' || became === 'rejected') await walk.remove(message);
  run.report.add(entry, outcome);
  run.note(became);
  run.onProgress();
}

function shardOf({ content, functionName }: MessageEntry): string {
  return content.kind === 'batch' ? `${functionName} ${content.range.shardId}` : '';
}

async function redriven(
  { content, functionName }: MessageEntry,
  hold: () => Promise<void>,
  { reader, invoke }: Sources,
  { pace, signal, onProgress }: Watched,
): Promise<Outcome> {
  if (content.kind === 'none') return { outcome: 'held', reason: content.why };
  if (content.kind === 'batch') {
    const ports = { reader, invoke, pace, signal, hold, onDone: onProgress };
    return replayRange(functionName, content.range, ports);
  }
  await pace(1);
  if (signal.aborted) return { outcome: 'stopped' };
  await hold();
  return outcomeOf(await invoke(functionName, content.event));
}
