import type { Source, Waiting } from './readings.ts';

export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
  /** By which this receipt of it is deleted or shown again. */
  readonly receipt: string;
}

export interface MessageQueue {
  /** Some messages, which nobody else sees for some minutes; none where there are no more. */
  receive(): Promise<readonly QueueMessage[]>;
  remove(message: QueueMessage): Promise<void>;
  /** For whoever comes next. */
  show(message: QueueMessage): Promise<void>;
}

export type Invoked =
  | { readonly outcome: 'accepted' | 'rejected' | 'over_quota' }
  | { readonly outcome: 'failed'; readonly reason: string };

/** What became of the messages; together they are `seen`. */
export interface Tally {
  seen: number;
  /** Only looked at. */
  waiting: number;
  /** The function has taken them; they are out of the queue. */
  accepted: number;
  /** Refused with a reason, kept among the dead letters; out of the queue. */
  rejected: number;
  /** Above the quota of their sender: they stay. */
  over_quota: number;
  /** The function failed: they stay. */
  failed: number;
  /** Of others, or unreadable: they stay. */
  skipped: number;
}

export interface RedriveOptions {
  readonly queue: MessageQueue;
  readonly source: Source;
  /** Only looks where it is absent. */
  readonly invoke?: ((event: unknown) => Promise<Invoked>) | undefined;
  readonly signal: AbortSignal;
  onMessage(waiting: Waiting, message: QueueMessage, outcome: Invoked | undefined): void;
  /** Waits until the next message may be sent. */
  pace(): Promise<void>;
}

/** As many failures in a row are no accident: the cause is not mended. */
export const MOST_FAILURES_IN_A_ROW = 5;

/**
 * Invokes the function again with what waits, one after the other, and takes a message out of the
 * queue only when the function has answered for it: whatever dies between may do the same twice,
 * which the function takes as once.
 */
export async function redriveMessages(options: RedriveOptions): Promise<Tally> {
  const { queue, signal } = options;
  const tally = {
    seen: 0,
    waiting: 0,
    accepted: 0,
    rejected: 0,
    over_quota: 0,
    failed: 0,
    skipped: 0,
  };
  const left = new Map<string, QueueMessage>();
  let failures = 0;
  let isOver = false;
  while (!isOver) {
    const batch = await queue.receive();
    const fresh = batch.filter(({ id }) => !left.has(id));
    // Only what was left before comes again: everything was seen.
    isOver = fresh.length === 0;
    // The newest receipt is the one by which it can be shown; of a long queue no more is remembered.
    for (const message of batch) left.set(message.id, { ...message, body: '' });
    for (const message of fresh) {
      if (signal.aborted || failures >= MOST_FAILURES_IN_A_ROW) {
        isOver = true;
        break;
      }
      const outcome = await redriveOne(message, options);
      tally.seen += 1;
      tally[outcome] += 1;
      failures = outcome === 'failed' ? failures + 1 : outcome === 'skipped' ? failures : 0;
      if (outcome === 'accepted' || outcome === 'rejected') {
        await queue.remove(message);
        left.delete(message.id);
      }
    }
  }
  for (const message of left.values()) await queue.show(message);
  return tally;
}

async function redriveOne(
  message: QueueMessage,
  { source, invoke, pace, onMessage }: RedriveOptions,
): Promise<Exclude<keyof Tally, 'seen'>> {
  const waiting = source.read(message.body, message.sentAt);
  if (waiting === undefined) return 'skipped';
  if (invoke) await pace();
  const invoked = await invoke?.(waiting.event);
  onMessage(waiting, message, invoked);
  return invoked?.outcome ?? 'waiting';
}
