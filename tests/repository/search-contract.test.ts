import { comparableSequencer } from '@millrace/types';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoSearchIndex } from '../../packages/search-index/src/dynamodb/dynamo-search-index.ts';
import { dynamoDocuments } from '../../services/api/src/adapters/dynamo-documents.ts';
import { dynamoSearchReader } from '../../services/api/src/adapters/dynamo-search-reader.ts';
import type { Table } from '../../services/api/src/adapters/tables.ts';
import { documentOf } from '../../services/api/src/domain/documents/document-resource.ts';
import { searchFiles } from '../../services/api/src/domain/search/search-files.ts';
import { similarPictures } from '../../services/api/src/domain/search/similar-pictures.ts';
import { type Engines, startEngines } from '../../services/api/tests/support/engines.ts';
import {
  memoryDocuments,
  memoryFileLookup,
} from '../../services/api/tests/support/memory-search.ts';
import { readyFile } from '../../services/api/tests/support/search-items.ts';
import { dynamoDocumentStore } from '../../services/stream-analytics/src/adapters/dynamo-document-store.ts';
import type { DocumentEvent } from '../../services/stream-analytics/src/pipelines/documents/document-event.ts';
import { indexDocument } from '../../services/stream-analytics/src/pipelines/documents/index-document.ts';

const FILES = [
  { fileId: 'a', name: '전자결제 안내.pdf', text: `${'앞말 '.repeat(3_000)}여기서 카드로 한다.` },
  { fileId: 'b', name: 'wheel.png', hash: '00ff00ff00ff00ff' },
  { fileId: 'c', name: 'mill.png', hash: '00ff00ff00ff00fe' },
];
const SEQUENCER = '0055AED6DCD90281E5';

let engines: Engines;
let table: Table;
beforeAll(async () => {
  engines = await startEngines();
  table = await engines.table(['pk', 'sk']);
  const index = dynamoSearchIndex({ client: engines.dynamo, table: table.name });
  const version = {
    ...{ bucket: 'uploads', key: 'k', eTag: 'e', size: 1, sequencer: SEQUENCER },
    order: comparableSequencer(SEQUENCER),
    happenedAt: '2026-11-24T09:00:00.000Z',
  };
  for (const { fileId, name, text, hash } of FILES) {
    const file = { tenant: 'acme', fileId, name };
    await index.put(file, version, {
      name,
      ...(text !== undefined && { text }),
      ...(hash !== undefined && { perceptualHash: hash }),
    });
  }
});
afterAll(() => engines.close());

const records = FILES.map((file) => readyFile({ ...file, sequencer: SEQUENCER }));
const ports = () => ({
  ...{ index: dynamoSearchReader(table), files: memoryFileLookup(records) },
  documents: memoryDocuments([]),
});

it.each([
  ['결제를', 'a'],
  ['카드', 'a'],
  ['전자결제 앞말', 'a'],
  ['whe', 'b'],
])('the api finds by %s what file-processing put into the index', async (q, fileId) => {
  const { items } = await searchFiles('acme', { q, limit: 10 }, ports());
  expect(items.map(({ file }) => file)).toEqual([fileId]);
});

it('a word is shown where it is, also far into a text', async () => {
  const { items } = await searchFiles('acme', { q: '카드', limit: 10 }, ports());
  const { snippet = '', highlights = [] } = items[0] ?? {};
  expect(highlights.map(({ from, to }) => snippet.slice(from, to))).toEqual(['카드로']);
});

it('pictures that file-processing put into the index are found by each other', async () => {
  const picture = records.find(({ fileId }) => fileId === 'b');
  if (!picture) throw new TypeError('There is a picture.');
  expect((await similarPictures(picture, ports())).items).toEqual([
    { file: 'c', name: 'mill.png', distance: 1 },
  ]);
});

describe('documents that stream-analytics indexes', () => {
  const said = (second: number, data: Partial<DocumentEvent['data']>): DocumentEvent => ({
    ...{ specversion: '1.0', id: `e${second}`, source: '/wiki', type: 'millrace.document.v1' },
    time: `2026-11-24T09:00:0${second}Z`,
    data: { documentId: 'wiki:pay', ...data },
  });
  const states = [
    said(1, { title: '물방앗간', text: '계좌로 한다. Grinding.' }),
    said(2, { title: 'Mill', text: '수차로 빻았다.' }),
    said(3, { deleted: true }),
  ];

  it('are found and shown by the api as they are at last', async () => {
    const documentsTable = await engines.table(['tenant', 'documentId']);
    const stores = {
      documents: dynamoDocumentStore({ client: engines.dynamo, table: documentsTable.name }),
      index: dynamoSearchIndex({ client: engines.dynamo, table: table.name }),
    };
    const documents = dynamoDocuments(documentsTable);
    const found = async (q: string, tenant = 'acme') => {
      const { items } = await searchFiles(tenant, { q, limit: 10 }, { ...ports(), documents });
      return items.map(({ file, document }) => file ?? document);
    };
    const [first, second, end] = states;
    if (!first || !second || !end) throw new TypeError('There are three states.');

    await indexDocument(first, 'acme', stores);
    expect(await found('계좌를')).toEqual(['wiki:pay']);
    expect(await found('물방')).toEqual(['wiki:pay']);
    expect(await found('grind')).toEqual(['wiki:pay']);
    expect(await found('계좌', 'other')).toEqual([]);

    await indexDocument(second, 'acme', stores);
    await indexDocument(first, 'acme', stores);
    expect(await found('계좌')).toEqual([]);
    expect(await found('수차')).toEqual(['wiki:pay']);
    expect(await found('mil')).toEqual(['wiki:pay', 'c']);
    expect(await documentOf(documents, 'acme', 'wiki:pay')).toEqual({
      ...{ documentId: 'wiki:pay', title: 'Mill', text: '수차로 빻았다.', language: 'ko' },
      updatedAt: '2026-11-24T09:00:02.000Z',
    });

    await indexDocument(end, 'acme', stores);
    await indexDocument(second, 'acme', stores);
    expect(await found('수차')).toEqual([]);
    await expect(documentOf(documents, 'acme', 'wiki:pay')).rejects.toMatchObject({
      code: 'document_not_found',
    });
  });
});
