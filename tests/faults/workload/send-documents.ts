import { type EventOf, partitionKeyOf } from '@millrace/types';
import type { Run } from './run.ts';
import { type DocumentStory, type Scenario, WORDS } from './scenario.ts';
import { putRecord, sendUntilAccepted } from './send-events.ts';

type DocumentEvent = EventOf<'millrace.document.v1'>;

/** Documents side by side; what is said of each in the order of its story. */
export async function sendDocuments(run: Run, { documents }: Scenario): Promise<void> {
  await Promise.all(documents.map((story, at) => liveDocument(run, story, `doc${at}`)));
}

async function liveDocument(run: Run, story: DocumentStory, documentId: string): Promise<void> {
  const events = story.states.map((state, at) => eventOf(documentId, state, at));
  for (const { state, way } of story.sent) {
    const event = events[state];
    if (!event) throw new Error(`There is no state ${state} of ${documentId}.`);
    if (way === 'api') {
      await sendUntilAccepted(run, [event]);
      continue;
    }
    // A producer may choose another key, and so another shard: the order there means nothing.
    const key = partitionKeyOf(event, run.tenant);
    const data = JSON.stringify({ ...event, tenant: run.tenant });
    await putRecord(run, way === 'key' ? key : `${state}/${key}`, data);
  }
  run.expected.events.push(...events);
  run.expected.documents.set(documentId, events);
}

function eventOf(
  documentId: string,
  { second, deleted, title, text }: DocumentStory['states'][number],
  at: number,
): DocumentEvent {
  const written = (words: readonly number[]) => words.map((word) => WORDS[word]?.written).join(' ');
  return {
    specversion: '1.0',
    id: `${documentId}/${at}`,
    source: '/wiki',
    type: 'millrace.document.v1',
    time: `2026-11-23T11:00:0${second}Z`,
    data: {
      documentId,
      ...(deleted
        ? { deleted: true }
        : { title: `Page ${at} ${written(title)}`.trim(), text: written(text) }),
    },
  };
}
