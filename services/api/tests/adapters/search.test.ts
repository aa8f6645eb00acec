import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { token, versionKey } from '@millrace/types';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoDocuments } from '../../src/adapters/dynamo-documents.ts';
import { dynamoFileLookup } from '../../src/adapters/dynamo-file-lookup.ts';
import { dynamoSearchReader } from '../../src/adapters/dynamo-search-reader.ts';
import type { Table } from '../../src/adapters/tables.ts';
import type { FileLookup, SearchReader } from '../../src/domain/search/ports.ts';
import { type Engines, startEngines } from '../support/engines.ts';
import { memoryDocuments, memoryFileLookup, memorySearchReader } from '../support/memory-search.ts';
import {
  documentItem,
  readyFile,
  type SearchItem,
  searchItemsOf,
} from '../support/search-items.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await startEngines();
});
afterAll(() => engines.close());

async function fill(table: Table, items: readonly object[]) {
  for (const Item of items) {
    await table.client.send(new PutCommand({ TableName: table.name, Item: { ...Item } }));
  }
}

const WHEEL = token.term('wheel');
const text = 'A wheel. '.repeat(300);
const keys = (...ids: string[]) => ids.map((id) => versionKey(id, '0A'));

describe.each<[string, (items: readonly SearchItem[]) => Promise<SearchReader>]>([
  ['in memory', async (items) => memorySearchReader(items)],
  [
    'in DynamoDB',
    async (items) => {
      const table = await engines.table(['pk', 'sk']);
      await fill(table, items);
      return dynamoSearchReader(table);
    },
  ],
])('the search index %s', (_name, filled) => {
  const items = [
    ...['a', 'c', 'b'].flatMap((fileId) => searchItemsOf({ fileId, name: 'wheel', text })),
    ...searchItemsOf({ fileId: 'd', tenant: 'other', text }),
    ...searchItemsOf({ fileId: 'e', text: 'mill' }),
  ];

  it('lists postings of one tenant from the greatest key on, and tells where it stopped', async () => {
    const reader = await filled(items);
    const all = await reader.postings('acme', WHEEL, 3);
    expect([...all.postings.keys()]).toEqual(keys('c', 'b', 'a'));
    expect(all.postings.get(versionKey('a', '0A'))).toEqual({
      ...{ frequency: 300, length: 600, at: 2, named: true },
    });
    expect(all).not.toHaveProperty('unreadBelow');
    const some = await reader.postings('acme', WHEEL, 2);
    expect([...some.postings.keys()]).toEqual(keys('c', 'b'));
    expect(some.unreadBelow).toBe(versionKey('b', '0A'));
    expect((await reader.postings('nobody', WHEEL, 2)).postings.size).toBe(0);
  });

  it('looks up versions, and those that are not there', async () => {
    const reader = await filled(items);
    const found = await reader.postingsOf('acme', WHEEL, keys('a', 'd', 'e'));
    expect([...found.keys()]).toEqual(keys('a'));
    expect((await reader.postingsOf('acme', WHEEL, [])).size).toBe(0);
    const many = Array.from({ length: 250 }, (_, at) => versionKey(`x${at}`, '0A'));
    expect((await reader.postingsOf('acme', WHEEL, [...many, ...keys('b')])).size).toBe(1);
  });

  it('gives passages in the order in which they are asked for', async () => {
    const reader = await filled(items);
    const wanted = [
      { versionKey: versionKey('a', '0A'), number: 1 },
      { versionKey: versionKey('zzz', '0A'), number: 0 },
      { versionKey: versionKey('e', '0A'), number: 0 },
    ];
    expect(await reader.passages('acme', wanted)).toEqual([text.slice(2_000), undefined, 'mill']);
    expect(await reader.passages('acme', [])).toEqual([]);
    expect(await reader.passages('other', wanted.slice(0, 1))).toEqual([undefined]);
  });
});

const files = ['a', 'b'].map((fileId) => readyFile({ fileId, name: 'wheel' }));
describe.each<[string, () => Promise<FileLookup>]>([
  ['in memory', async () => memoryFileLookup(files)],
  [
    'in DynamoDB',
    async () => {
      const table = await engines.table(['tenant', 'fileId']);
      await fill(table, files);
      return dynamoFileLookup(table);
    },
  ],
])('records %s', (_name, filled) => {
  it('are looked up by tenant and id', async () => {
    const lookup = await filled();
    expect(await lookup.findAll('acme', ['a', 'z'])).toEqual(new Map([['a', files[0]]]));
    expect((await lookup.findAll('other', ['a'])).size).toBe(0);
    expect((await lookup.findAll('acme', [])).size).toBe(0);
  });
});

const whole = documentItem('a', 1, {
  ...{ title: 'Wheel', text: 'It turns.', language: 'en', url: 'https://a.example', version: '7' },
});
const deleted = documentItem('b', 2, { deleted: true, expiresAt: 1_826_000_000 });
describe.each<[string, () => Promise<ReturnType<typeof memoryDocuments>>]>([
  ['in memory', async () => memoryDocuments([whole, deleted])],
  [
    'in DynamoDB',
    async () => {
      const table = await engines.table(['tenant', 'documentId']);
      await fill(table, [whole, deleted]);
      return dynamoDocuments(table);
    },
  ],
])('documents %s', (_name, filled) => {
  it('are found whole, each in its tenant', async () => {
    const documents = await filled();
    expect(await documents.find('acme', 'a')).toEqual(whole);
    expect(await documents.find('acme', 'b')).toEqual(deleted);
    expect(await documents.find('acme', 'z')).toBeUndefined();
    expect(await documents.find('other', 'a')).toBeUndefined();
  });

  it('are looked up without their texts', async () => {
    const documents = await filled();
    const { order } = whole;
    expect(await documents.findAll('acme', ['a', 'b', 'z'])).toEqual(
      new Map([
        ['a', { documentId: 'a', order, title: 'Wheel', language: 'en' }],
        ['b', { documentId: 'b', order: deleted.order, deleted: true }],
      ]),
    );
    expect((await documents.findAll('other', ['a'])).size).toBe(0);
    expect((await documents.findAll('acme', [])).size).toBe(0);
  });
});
