import { comparableSequencer } from '@millrace/types';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dynamoSearchIndex } from '../../packages/search-index/src/dynamodb/dynamo-search-index.ts';
import { dynamoSearchReader } from '../../services/api/src/adapters/dynamo-search-reader.ts';
import type { Table } from '../../services/api/src/adapters/tables.ts';
import { searchFiles } from '../../services/api/src/domain/search/search-files.ts';
import { similarPictures } from '../../services/api/src/domain/search/similar-pictures.ts';
import { type Engines, startEngines } from '../../services/api/tests/support/engines.ts';
import {
  memoryDocuments,
  memoryFileLookup,
} from '../../services/api/tests/support/memory-search.ts';
import { readyFile } from '../../services/api/tests/support/search-items.ts';

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
