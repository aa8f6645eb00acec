import { type Entry, type Filter, isSelected, newestFirst } from './entry.ts';
import { createFirstOf } from './first-of.ts';
import type { Letter, LetterStore } from './letters.ts';
import { type MessageEntry, type QueueMessage, readMessage } from './queue-messages.ts';
import { type Sources, throughAll } from './sources.ts';
import { walkQueue } from './walk-queue.ts';

export interface Found<E extends Entry = Entry> {
  readonly entries: readonly E[];
  /** Beyond the limit. */
  readonly more: number;
}

/** The newest of both kinds. */
export async function listEntries(
  sources: Sources,
  filter: Filter,
  { limit, withClosed, signal }: { limit: number; withClosed: boolean; signal: AbortSignal },
): Promise<Found> {
  const first = createFirstOf<Entry>(limit, newestFirst);
  await eachEntry(sources, filter, withClosed, signal, {
    letter: async (letter) => first.add(letter),
    // What a message says may be a megabyte: the list needs none of it.
    message: async ({ content: _content, ...entry }) => first.add(entry),
  });
  return { entries: first.all(), more: first.more() };
}

/** Every letter and message that is selected, whole; messages go back to their queue. */
export async function eachEntry(
  { stage, letters, queues }: Sources,
  filter: Filter,
  withClosed: boolean,
  signal: AbortSignal,
  visit: {
    letter(letter: Letter, store: LetterStore): Promise<void>;
    message(entry: MessageEntry, message: QueueMessage): Promise<void>;
  },
): Promise<void> {
  const isAsked = (kind: 'letter' | 'message') =>
    filter.kind === undefined || (filter.kind === 'letter') === (kind === 'letter');
  await throughAll(stage, [
    ...(isAsked('letter') ? letters : []).map((store) => async () => {
      for await (const letter of store.all(withClosed)) {
        if (signal.aborted) return;
        if (isSelected(letter, filter)) await visit.letter(letter, store);
      }
    }),
    ...(isAsked('message') ? queues : []).map(({ service, queue }) => async () => {
      const walk = walkQueue(queue);
      try {
        for await (const message of walk.messages()) {
          if (signal.aborted) return;
          const entry = readMessage(message, service, stage);
          if (isSelected(entry, filter)) await visit.message(entry, message);
        }
      } finally {
        await walk.end();
      }
    }),
  ]);
}
