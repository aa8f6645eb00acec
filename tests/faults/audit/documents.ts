import { paginateQuery, QueryCommand } from '@aws-sdk/lib-dynamodb';
import {
  type DocumentItem,
  documentSearchId,
  type EventOf,
  postingPartition,
  type SearchAnswer,
  token,
  versionKey,
} from '@millrace/types';
import { documentOrder } from '../../../services/stream-analytics/src/pipelines/documents/document-item.ts';
import { type Run, requireThat } from '../workload/run.ts';
import { WORDS } from '../workload/scenario.ts';
import { differences, tally } from './compare.ts';

type DocumentEvent = EventOf<'millrace.document.v1'>;

/** Every document in its newest state, found by its words and by no others, also in the index itself. */
export async function auditDocuments(run: Run): Promise<string[]> {
  const newest = [...run.expected.documents.values()].map(newestOf);
  const there = newest.filter(({ data }) => !data.deleted);
  const found = await Promise.all(WORDS.map((word) => auditWord(run, word, there)));
  return [
    ...differences(
      'document',
      await storedDocuments(run),
      new Map(newest.map((event) => [event.data.documentId, stateOf(event)])),
    ),
    ...found.flat(),
  ];
}

/** By event time; which of one moment is the newer one is the platform's to say, if always the same. */
function newestOf(events: readonly DocumentEvent[]): DocumentEvent {
  const [newest] = events.toSorted(
    (a, b) =>
      Date.parse(b.time) - Date.parse(a.time) || (documentOrder(a) < documentOrder(b) ? 1 : -1),
  );
  if (!newest) throw new Error('Nothing was said of a document.');
  return newest;
}

const stateOf = ({ time, data: { title, text, deleted } }: DocumentEvent) => ({
  ...{ title, text, deleted },
  updatedAt: new Date(time).toISOString(),
});

async function auditWord(
  run: Run,
  { written, lookedFor, term }: (typeof WORDS)[number],
  there: readonly DocumentEvent[],
): Promise<string[]> {
  const having = there.filter(({ data }) => `${data.title} ${data.text}`.includes(written));
  return [
    ...differences(
      `found by ${lookedFor}: document`,
      tally(await search(run, lookedFor)),
      tally(having.map(({ data }) => data.documentId)),
    ),
    ...differences(
      `posting of ${term}`,
      tally(await postings(run, term)),
      tally(
        having.map((event) =>
          versionKey(documentSearchId(event.data.documentId), documentOrder(event)),
        ),
      ),
    ),
  ];
}

async function search({ api }: Run, q: string): Promise<string[]> {
  const { status, body } = await api.call({
    ...{ fn: 'search', route: 'GET /v1/search', query: { q, limit: '50' } },
  });
  requireThat(status === 200, 'GET /search answers 200', body);
  const { items } = body as unknown as SearchAnswer;
  return items.flatMap(({ document }) => document ?? []);
}

async function postings({ clients, tenant }: Run, term: string): Promise<string[]> {
  const { Items = [] } = await clients.documents.send(
    new QueryCommand({
      TableName: 'millrace-local-search',
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :documents)',
      ExpressionAttributeValues: {
        ':pk': postingPartition(tenant, token.term(term)),
        ':documents': documentSearchId(''),
      },
    }),
  );
  return Items.map(({ sk }) => String(sk));
}

async function storedDocuments({ clients, tenant }: Run): Promise<Map<string, unknown>> {
  const stored = new Map<string, unknown>();
  const pages = paginateQuery(
    { client: clients.documents },
    {
      TableName: 'millrace-local-documents',
      ConsistentRead: true,
      KeyConditionExpression: 'tenant = :tenant',
      ExpressionAttributeValues: { ':tenant': tenant },
    },
  );
  for await (const { Items = [] } of pages) {
    for (const { documentId, title, text, deleted, updatedAt } of Items as DocumentItem[]) {
      stored.set(documentId, { title, text, deleted, updatedAt });
    }
  }
  return stored;
}
