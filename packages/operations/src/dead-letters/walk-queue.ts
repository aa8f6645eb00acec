import type { QueueMessage } from './queue-messages.ts';

export interface MessageQueue {
  /** Some messages, which nobody else sees for some minutes; none where there are no more. */
  receive(): Promise<readonly QueueMessage[]>;
  remove(message: QueueMessage): Promise<void>;
  /** Nobody else sees it for so many seconds from now; 0 shows it to whoever comes next. */
  hide(message: QueueMessage, seconds: number): Promise<void>;
}

/** SQS has at most 120,000 messages of a queue in hand; a list that nobody reads needs no more. */
export const MOST_MESSAGES = 10_000;

/** Longer than an invocation takes. */
export const HIDDEN_SECONDS = 300;

/** Messages in our hands, one after the other; what is not removed is shown again at the end. */
export interface QueueWalk {
  messages(): AsyncGenerator<QueueMessage>;
  remove(message: QueueMessage): Promise<void>;
  /** Goes on holding it. */
  hold(message: QueueMessage): Promise<void>;
  /** Whether there may be more than `MOST_MESSAGES`, which were not looked at. */
  isCut(): boolean;
  end(): Promise<void>;
}

export function walkQueue(queue: MessageQueue): QueueWalk {
  // The newest receipt is the one by which it can be shown; of a long queue no more is remembered.
  const left = new Map<string, QueueMessage>();
  const removed = new Set<string>();
  return {
    async *messages() {
      while (left.size + removed.size < MOST_MESSAGES) {
        const batch = await queue.receive();
        const fresh = batch.filter(({ id }) => !left.has(id) && !removed.has(id));
        for (const message of batch) {
          // A queue may deliver once more what was removed.
          if (removed.has(message.id)) await queue.remove(message);
          else left.set(message.id, { ...message, body: '' });
        }
        // Only what was left before comes again: everything was seen.
        if (fresh.length === 0) return;
        yield* fresh;
      }
    },
    async remove(message) {
      await queue.remove(left.get(message.id) ?? message);
      left.delete(message.id);
      removed.add(message.id);
    },
    hold: (message) => queue.hide(left.get(message.id) ?? message, HIDDEN_SECONDS),
    isCut: () => left.size + removed.size >= MOST_MESSAGES,
    async end() {
      for (const message of left.values()) await queue.hide(message, 0);
      left.clear();
    },
  };
}
