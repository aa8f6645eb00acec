import type { EventOf, MillraceEvent } from '@millrace/types';
import type { DemoContext } from '../context.ts';
import type { Outcome } from '../report.ts';
import { sideBySide } from '../side-by-side.ts';
import { watch } from '../waiting.ts';

type DocumentState = EventOf<'millrace.document.v1'>['data'];

/** The state of each document that its events, in the order of their times, end in. */
export function newestDocuments(events: readonly MillraceEvent[]): Map<string, DocumentState> {
  const newest = new Map<string, DocumentState>();
  for (const event of events) {
    if (event.type === 'millrace.document.v1') newest.set(event.data.documentId, event.data);
  }
  return newest;
}

/** Waits until every document is shown as it was told last, and who was deleted is not found. */
export async function checkDocuments(
  context: DemoContext,
  newest: ReadonlyMap<string, DocumentState>,
  since: number,
): Promise<Outcome> {
  const states = [...newest.values()];
  const deleted = states.filter((state) => state.deleted).length;
  const wanted = `${states.length - deleted} in their newest state, ${deleted} deleted, 0 others`;
  const { value, latencyMs } = await watch(
    async () => describe(await sideBySide(4, states, (state) => look(context, state))),
    (seen) => seen === wanted,
    { since, timeoutMs: context.timeoutMs },
  );
  const outcome = {
    area: 'search' as const,
    input: `${states.length} documents, each told four times`,
    result: value,
    latencyMs,
  };
  return value === wanted ? outcome : { ...outcome, expected: wanted };
}

async function look({ api }: DemoContext, state: DocumentState): Promise<'new' | 'gone' | 'other'> {
  const { status, body } = await api.get(`/documents/${state.documentId}`);
  if (state.deleted) return status === 404 ? 'gone' : 'other';
  const { version } = body as { version?: string };
  return status === 200 && version === state.version ? 'new' : 'other';
}

function describe(seen: readonly ('new' | 'gone' | 'other')[]): string {
  const count = (kind: string) => seen.filter((one) => one === kind).length;
  return `${count('new')} in their newest state, ${count('gone')} deleted, ${count('other')} others`;
}
