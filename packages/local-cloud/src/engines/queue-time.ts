import type { DatabaseSync } from 'node:sqlite';

interface DelayedMessage {
  delayUntil?: number;
}
/** What of fauxqs's queue is timed: instants of the machine's clock, in memory. */
export interface TimedQueue {
  readonly inflightMessages: ReadonlyMap<string, { visibilityDeadline: number }>;
  readonly delayedMessages: readonly DelayedMessage[];
  readonly fifoDelayed: ReadonlyMap<string, readonly DelayedMessage[]>;
  processTimers(): void;
}

/**
 * Lets `ms` pass for the queues at once: every visibility timeout and delay is over so much earlier.
 * fauxqs reads the machine's clock, which nobody moves; its deadlines are moved instead. A process
 * that is killed in between keeps the old ones: messages come later then, but they come.
 */
export function passTime(db: DatabaseSync, queues: Iterable<TimedQueue>, ms: number): void {
  db.prepare(
    'UPDATE sqs_messages SET visibility_deadline = visibility_deadline - ?, delay_until = delay_until - ?',
  ).run(ms, ms);
  for (const queue of queues) {
    for (const entry of queue.inflightMessages.values()) entry.visibilityDeadline -= ms;
    const delayed = [...queue.delayedMessages, ...[...queue.fifoDelayed.values()].flat()];
    for (const message of delayed) if (message.delayUntil) message.delayUntil -= ms;
    queue.processTimers();
  }
}
