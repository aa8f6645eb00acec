import { zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { processTable } from './tables.ts';

test('line numbers are those of the file, line ends in quotes included, whichever they are', async () => {
  const { facts, rejects, rows } = await processTable(
    'id,text\r\n1,"two\nlines"\n\r\n2,"and\r\nthree\rmore"\r3,a,b\n4,"x" y\n5,z\n',
    { chunkBytes: 1 },
  );
  expect(facts).toMatchObject({ rowsIn: 5, rowsOut: 3, rowsRejected: 2 });
  expect(rejects).toMatchObject([
    { line: 8, row: 3, raw: '3,a,b', reasons: [{ code: 'wrong_field_count' }] },
    { line: 9, row: 4, raw: '4,"x" y', reasons: [{ code: 'stray_quote' }] },
  ]);
  expect(rows.map(([id]) => id)).toEqual([1n, 2n, 5n]);
});

test('a quote left open costs one row, within the file and at its end', async () => {
  const many = Array.from({ length: 200_000 }, (_, row) => `${row},fine\n`).join('');
  const { facts, rejects } = await processTable(`id,text\n1,"open\n${many}2,"open`);
  expect(facts).toMatchObject({ rowsIn: 200_002, rowsOut: 200_000, rowsRejected: 2 });
  expect(rejects).toMatchObject([
    { line: 2, raw: '1,"open', reasons: [{ code: 'quote_left_open' }] },
    { line: 200_003, raw: '2,"open', reasons: [{ code: 'quote_left_open' }] },
  ]);
});

test.each([
  ['text/csv', (long: string) => `id,text\n1,a\n2,${long}\n3,b\n`],
  ['application/x-ndjson', (long: string) => `{"a":1}\n{"a":"${long}"}\n{"a":3}\n`],
])('a row of %s that is too long is left out, and told of in part', async (mediaType, content) => {
  const { facts, rejects } = await processTable(content('x'.repeat(3 * 1024 ** 2)), { mediaType });
  expect(facts).toMatchObject({ rowsOut: 2, rowsRejected: 1 });
  expect(rejects).toMatchObject([{ reasons: [{ code: 'record_too_long' }], rawIsCut: true }]);
  expect(rejects[0].raw).toHaveLength(4096);
});

test.each([
  ['a NUL', 'a\0b', 'nul_character'],
  ['a byte that is no text', Buffer.from([0xff]), 'undecodable_text'],
])('%s costs its row', async (_, value, code) => {
  const good = '서울,1\n'.repeat(40);
  const content = Buffer.concat([
    Buffer.from(`name,id\n${good}`),
    Buffer.from(value),
    Buffer.from(',2\n'),
  ]);
  const { facts, rejects } = await processTable(content);
  expect(facts).toMatchObject({ rowsOut: 40, rowsRejected: 1 });
  expect(rejects).toMatchObject([{ line: 42, reasons: [{ code }] }]);
});

test('10,000 columns are read, and 16,385 are too many', async () => {
  const row = (columns: number) =>
    Array.from({ length: columns }, (_, index) => `c${index}`).join();
  const { facts } = await processTable(`${row(10_000)}\n${row(10_000).replaceAll('c', '')}\n`);
  expect(facts).toMatchObject({ rowsIn: 1, rowsOut: 1 });
  expect(facts?.columns).toHaveLength(10_000);
  const { reason } = await processTable(`${row(16_385)}\n${row(16_385)}\n`);
  expect(reason?.code).toBe('too_many_columns');
});

test('keys of JSON that never come again are too many columns', async () => {
  const lines = Array.from({ length: 17_000 }, (_, row) => `{"key${row}":1}`);
  const { reason } = await processTable(lines.join('\n'), { mediaType: 'application/x-ndjson' });
  expect(reason?.code).toBe('too_many_columns');
});

test('keys that JavaScript knows are columns like others', async () => {
  const { rows, facts } = await processTable('[{"constructor":1,"__proto__":2},{"a":3}]', {
    mediaType: 'application/json',
  });
  expect(facts?.columns.map(({ name }) => name)).toEqual(['constructor', '__proto__', 'a']);
  expect(rows).toEqual([
    [1n, 2n, null],
    [null, null, 3n],
  ]);
});

test.each([
  ['not JSON', '{"a":}', 'not_json'],
  ['no object', '[1,2]', 'not_an_object'],
  ['nested beyond reason', `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, 'too_deep'],
  ['half a character', '{"a":"\\ud800"}', 'undecodable_text'],
])('an element that is %s costs itself', async (_, element, code) => {
  const { facts, rejects } = await processTable(`[\n{"a":1},\n${element},\n{"a":2}\n]`, {
    mediaType: 'application/json',
  });
  expect(facts).toMatchObject({ rowsIn: 3, rowsOut: 2, rowsRejected: 1 });
  expect(rejects).toMatchObject([{ line: 3, row: 2, reasons: [{ code }] }]);
});

test('an array that is cut short gives what it has, and a reject', async () => {
  const { facts, rejects } = await processTable('[{"a":1},{"a":2},{"a"', {
    mediaType: 'application/json',
  });
  expect(facts).toMatchObject({ rowsOut: 2, rowsRejected: 1 });
  expect(rejects).toMatchObject([{ reasons: [{ code: 'not_json' }] }]);
});

test('an element that does not end is a verdict', async () => {
  const content = `[{"a":1},{"a":"${'x'.repeat(2 * 1024 ** 2)}`;
  const { reason } = await processTable(content, { mediaType: 'application/json' });
  expect(reason?.code).toBe('unreadable_json');
});

test.each([
  ['nothing but a mark', Buffer.from('\uFEFF'), 'not_a_table'],
  ['nothing but line ends', Buffer.from('\n\r\n\n'), 'not_a_table'],
  [
    'bytes',
    Buffer.from('a,b\n1,2\n\xe9\xe8\xff\xfe\xe9 \xc0 \xe9'.repeat(9), 'latin1'),
    'unknown_encoding',
  ],
  ['a bomb', zstdCompressSync(Buffer.alloc(400 * 1024 ** 2, 'a,b\n1,2\n')), 'decompression_bomb'],
  [
    'a broken archive',
    zstdCompressSync(Buffer.from('a,b\n1,2\n')).subarray(0, -3),
    'corrupt_archive',
  ],
])('%s: a verdict', async (_, content, code) => {
  const { reason } = await processTable(content);
  expect(reason?.code).toBe(code);
});

test('many rejects are written while they are found', async () => {
  const { facts, rejects } = await processTable(`a,b\n1,2\n3,4\n${'5\n'.repeat(100_000)}`);
  expect(facts).toMatchObject({ rowsOut: 2, rowsRejected: 100_000 });
  expect(rejects).toHaveLength(100_000);
});
