import { describe, expect, test } from 'vitest';
import type { Sample } from '../../../src/domain/kind.ts';
import { tableKind } from '../../../src/domain/processors/table/kind.ts';
import { encoded } from '../../model/encoded.ts';

function recognize(content: string | Uint8Array, sample: Partial<Sample> = {}) {
  const bytes = Buffer.from(content);
  return tableKind.recognize({ bytes, name: 'file', size: bytes.length, ...sample });
}

const csv = 'id,name,price\n1,pen,0.50\n2,ink,3.00\n3,nib,1.25\n';

describe('without a name that tells it', () => {
  test.each([
    ['CSV', csv, 'text/csv'],
    ['CSV in UTF-16', encoded(csv, 'utf-16le'), 'text/csv'],
    ['Korean CSV in EUC-KR', encoded('번호,이름\n1,연필\n2,잉크\n3,펜촉\n', 'euc-kr'), 'text/csv'],
    ['semicolons', csv.replaceAll(',', ';'), 'text/csv'],
    ['bars', csv.replaceAll(',', '|'), 'text/csv'],
    ['TSV', csv.replaceAll(',', '\t'), 'text/tab-separated-values'],
    ['an array of objects', ' [\n {"a": 1},\n {"a": 2}\n]', 'application/json'],
    ['NDJSON', '{"a":1}\n{"a":2}\n', 'application/x-ndjson'],
  ])('%s is a table', (_, content, mediaType) => {
    expect(recognize(content)).toBe(mediaType);
  });

  test.each([
    ['prose', 'Pens, ink, and nibs.\nPaper, too, of all sizes.\nCome in, look around, stay.\n'],
    ['a poem', 'Roses are red, they say\nViolets are blue, they say\nSugar is sweet, they say\n'],
    ['code', 'const a = 1;\nconst b = 2;\nconst c = 3;\n'],
    ['a Markdown table', '| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n'],
    ['HTML', '<ul>\n<li>a,b</li>\n<li>c,d</li>\n</ul>\n'],
    ['one object', '{\n  "name": "x",\n  "list": [1, 2]\n}\n'],
    ['an array of numbers', '[1,2,3]'],
    ['two rows', 'a,b\n1,2\n'],
    ['lines of words', 'one\ntwo\nthree\nfour\n'],
    ['bytes', Uint8Array.from({ length: 512 }, (_, index) => (index * 31) % 256)],
    ['nothing', ''],
  ])('%s is none', (_, content) => {
    expect(recognize(content)).toBeUndefined();
  });
});

describe('with a name or a declared type that tells it', () => {
  test.each([
    ['two rows', 'a,b\n1,2\n', { name: 'a.csv' }, 'text/csv'],
    ['one column', 'name\nkim\nlee\n', { name: '이름.CSV' }, 'text/csv'],
    ['one column', 'name\nkim\n', { declaredType: 'text/csv; charset=utf-8' }, 'text/csv'],
    ['few ragged rows', `${csv}4,a\n5,b,1\n6,c,2\n`, { name: 'a.csv' }, 'text/csv'],
    ['what is inside of gzip', 'a,b\n1,2\n', { name: 'a.csv.gz', compression: 'gzip' }, 'text/csv'],
    ['one line of JSON', '{"a":1}', { name: 'a.jsonl' }, 'application/x-ndjson'],
    ['a broken line', '{"a":1}\n{"a":2}\nnot json\n', { name: 'a.ndjson' }, 'application/x-ndjson'],
    ['an empty array', '[ ]', { name: 'a.json' }, 'application/json'],
  ] as const)('%s are enough', (_, content, sample, mediaType) => {
    expect(recognize(content, sample)).toBe(mediaType);
  });

  test.each([
    ['a picture by its signature', csv, { name: 'a.csv', signature: 'image/png' }],
    ['HTML', '<!doctype html><p>a,b</p>', { name: 'a.csv' }],
    [
      'bytes',
      Uint8Array.from({ length: 512 }, (_, index) => (index * 31) % 256),
      { name: 'a.csv' },
    ],
  ])('%s is still none', (_, content, sample) => {
    expect(recognize(content, sample)).toBeUndefined();
  });
});

test('a sample that is cut in the middle of a row is judged by the rows before', () => {
  const bytes = Buffer.from(csv.repeat(3000)).subarray(0, 64 * 1024);
  expect(recognize(bytes, { size: 10_000_000 })).toBe('text/csv');
  const lines = Buffer.from('{"a":"some text"}\n'.repeat(5000)).subarray(0, 64 * 1024);
  expect(recognize(lines, { size: 10_000_000 })).toBe('application/x-ndjson');
});
