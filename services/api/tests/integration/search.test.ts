import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { testStack } from '@millrace/local-cloud/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Caller, callerWith } from '../support/http-client.ts';
import { type Described, readyFile, searchItemsOf } from '../support/search-items.ts';
import { usersOf } from '../support/users.ts';

const PICTURE = '0123456789abcdef';
const FILES: readonly Described[] = [
  { fileId: '1', name: '전자결제 안내.pdf', text: '결제는 카드로 합니다. It turns.' },
  { fileId: '2', name: 'card.txt', text: '카드로 결제를 했다.' },
  { fileId: '3', name: 'cat.jpg', hash: PICTURE },
  { fileId: '4', name: 'cat-copy.png', hash: '0123456789abcdee' },
  { fileId: '5', name: 'secret.txt', text: '결제', tenant: 'victim' },
];

const stack = testStack('stream-analytics', 'file-processing', 'iot-ingest', 'api');
const users = usersOf(stack);
const documents = DynamoDBDocumentClient.from(stack.client(DynamoDBClient));
let acme: Caller;
let other: Caller;

beforeAll(async () => {
  acme = callerWith(stack.apiUrl, (await users.signIn('jane@example.com', 'acme')).idToken);
  other = callerWith(stack.apiUrl, (await users.signIn('joe@example.com')).idToken);
  const put = (TableName: string, Item: object) =>
    documents.send(new PutCommand({ TableName, Item: { ...Item } }));
  for (const described of FILES) {
    await put('millrace-local-files', readyFile(described));
    for (const item of searchItemsOf(described)) await put('millrace-local-search', item);
  }
});

const search = (q: string, caller = acme, more = '') =>
  caller('GET', `/v1/search?q=${encodeURIComponent(q)}${more}`);
const found = async (q: string, caller = acme) =>
  ((await search(q, caller)).at('items') as { file: string }[]).map(({ file }) => file);

describe('GET /v1/search', () => {
  it('finds in Korean and English, the name before the text', async () => {
    expect(await found('결제')).toEqual(['1', '2']);
    expect(await found('결제를')).toEqual(['1', '2']);
    expect(await found('전자결제')).toEqual(['1']);
    expect(await found('turning')).toEqual(['1']);
    expect(await found('cat')).toEqual(['4', '3']);
  });
  it('tells where it was found', async () => {
    const answer = await search('turning');
    expect(answer.at('items', 0)).toMatchObject({
      ...{ file: '1', name: '전자결제 안내.pdf', kind: 'document' },
      ...{ snippet: '결제는 카드로 합니다. It turns.', highlights: [{ from: 16, to: 21 }] },
    });
    expect(answer.at('partial')).toBe(false);
  });
  it('goes on by its cursor', async () => {
    const first = await search('결제', acme, '&limit=1');
    expect(first.at('items', 0, 'file')).toBe('1');
    const next = await search('결제', acme, `&limit=1&cursor=${first.at('cursor')}`);
    expect(next.at('items', 0, 'file')).toBe('2');
    expect(next.at('cursor')).toBeUndefined();
  });
  it('shows nothing to another tenant', async () => {
    expect(await found('결제', other)).toEqual([]);
    expect(await found('secret')).toEqual([]);
  });
  it.each([
    ['no q', ''],
    ['an empty q', 'q='],
    ['no letters', `q=${encodeURIComponent('!?#')}`],
    ['a long q', `q=${'a'.repeat(129)}`],
    ['many terms', `q=${Array.from({ length: 40 }, (_, at) => `${at}`).join('+')}`],
    ['a limit of 0', 'q=a&limit=0'],
    ['a forged cursor', `q=a&cursor=${Buffer.from('1:x').toString('base64url')}`],
  ])('refuses %s', async (_name, query) => {
    const answer = await acme('GET', `/v1/search?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.at('code')).toMatch(/^invalid_(request|cursor)$/);
  });
  it('survives hostile words', async () => {
    const hostile = [
      '#',
      'a#b',
      '%00',
      '\u202eabc',
      "'; DROP",
      '../..',
      '𝒜'.repeat(60),
      '한'.repeat(33),
    ];
    for (const q of ['__proto__', 'constructor', ...hostile])
      expect((await search(q)).status, q).toBeLessThan(500);
  });
});

describe('GET /v1/files/{id}/similar', () => {
  it('lists near-duplicates', async () => {
    const answer = await acme('GET', '/v1/files/3/similar');
    expect(answer.at('items')).toEqual([{ file: '4', name: 'cat-copy.png', distance: 1 }]);
    expect((await acme('GET', '/v1/files/1/similar')).at('items')).toEqual([]);
  });
  it.each(['3', '5', 'x'])('is nothing to whoever has no file %s', async (id) => {
    const answer = await (id === '3' ? other : acme)('GET', `/v1/files/${id}/similar`);
    expect(`${answer.status} ${answer.at('code')}`).toBe('404 file_not_found');
  });
});
