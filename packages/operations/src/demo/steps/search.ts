import type { SearchAnswer } from '@millrace/types';
import type { DemoContext } from '../context.ts';
import type { Outcome } from '../report.ts';
import { FOUND, SEARCHES } from '../samples/texts.ts';
import { watch } from '../waiting.ts';

/** Looks for words of a document that was uploaded. */
export function searchDocuments(context: DemoContext): Promise<Outcome[]> {
  return Promise.all(SEARCHES.map((words) => search(context, words)));
}

async function search({ api, timeoutMs }: DemoContext, words: string): Promise<Outcome> {
  const { value, latencyMs } = await watch(
    async () => {
      const answer = await api.get(`/search?q=${encodeURIComponent(words)}`);
      return (answer.body as Partial<SearchAnswer>).items ?? [];
    },
    (items) => items.length > 0,
    { since: performance.now(), timeoutMs },
  );
  const names = value.map(({ name }) => name);
  const outcome = {
    ...{ area: 'search' as const, input: `search for ${words}`, latencyMs },
    result: names.length > 0 ? `found ${names.join(', ')}` : 'nothing found',
  };
  const isRight = names.length === 1 && names[0] === FOUND;
  return isRight ? outcome : { ...outcome, expected: `found ${FOUND}` };
}
