import { type Filter, isSelected } from './entry.ts';
import { readMessage } from './queue-messages.ts';
import type { RedriveReport } from './redrive-report.ts';
import { type Sources, throughAll } from './sources.ts';
import { walkQueue } from './walk-queue.ts';

/**
 * Closes what is selected. A letter stays as a tombstone until its 30 days are over, so that another
 * delivery of its record does not put it aside again; a message leaves its queue for good.
 */
export async function discardEntries(
  { stage, letters, queues }: Sources,
  filter: Filter,
  report: RedriveReport,
  signal: AbortSignal,
): Promise<void> {
  const { kind } = filter;
  await throughAll(stage, [
    ...(kind === undefined || kind === 'letter' ? letters : []).map((store) => async () => {
      for await (const letter of store.all(false)) {
        if (signal.aborted) return;
        if (!isSelected(letter, filter)) continue;
        const isDone = letter.claim === undefined && (await store.discard(letter));
        const reason = 'in the hands of a run: redrive it first';
        report.add(letter, isDone ? { outcome: 'discarded' } : { outcome: 'held', reason });
      }
    }),
    ...(kind === 'letter' ? [] : queues).map(({ service, queue }) => async () => {
      const walk = walkQueue(queue);
      try {
        for await (const message of walk.messages()) {
          if (signal.aborted) return;
          const entry = readMessage(message, service, stage);
          if (!isSelected(entry, filter)) continue;
          await walk.remove(message);
          report.add(entry, { outcome: 'discarded' });
        }
        if (walk.isCut()) report.more += 1;
      } finally {
        await walk.end();
      }
    }),
  ]);
}
