import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encoded } from '../../model/encoded.ts';
import { processTable } from './tables.ts';

/** Everything that a value may hold in a file of each encoding: quotes, delimiters, line ends. */
const text = fc
  .array(
    fc.constantFrom(
      '가',
      '힣',
      '서울',
      'a',
      'Z',
      '"',
      '""',
      ',',
      ';',
      '\t',
      '|',
      ' ',
      '\n',
      '\r\n',
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(''));
const anyTable = fc
  .integer({ min: 2, max: 5 })
  .chain((columns) =>
    fc.array(
      fc.tuple(
        fc.integer(),
        ...Array.from({ length: columns }, () => fc.option(text, { nil: null })),
      ),
      { minLength: 1, maxLength: 25 },
    ),
  );
const compressions = { none: (bytes: Buffer) => bytes, gzip: gzipSync, zstd: zstdCompressSync };

function header(row: readonly unknown[]): string[] {
  return row.map((_, index) => (index === 0 ? 'id' : `이름 ${index}`));
}

/** A CSV file cannot tell nothing from a text of nothing, but quotes tell text from number. */
function toDelimited(
  rows: readonly (readonly unknown[])[],
  delimiter: string,
  end: string,
): string {
  const cell = (value: unknown) =>
    typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : String(value ?? '');
  return [header(rows[0] ?? []), ...rows]
    .map((row) => row.map(cell).join(delimiter) + end)
    .join('');
}

test('any table is read back as it was written, in any dialect, encoding, compression and cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyTable,
      fc.constantFrom(',', '\t', ';', '|'),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.constantFrom('utf-8', 'utf-16le', 'utf-16be', 'euc-kr'),
      fc.constantFrom<keyof typeof compressions>('none', 'gzip', 'zstd'),
      fc.integer({ min: 1, max: 200 }),
      async (rows, delimiter, end, encoding, compression, chunkBytes) => {
        const content = encoded(toDelimited(rows, delimiter, end), encoding);
        const { facts, ...read } = await processTable(compressions[compression](content), {
          ...{
            chunkBytes,
            mediaType: delimiter === '\t' ? 'text/tab-separated-values' : 'text/csv',
          },
        });
        expect(facts).toMatchObject({ delimiter, encoding, hasHeader: true });
        expect(facts).toMatchObject({ rowsIn: rows.length, rowsOut: rows.length, rowsRejected: 0 });
        expect(read.rows).toEqual(rows.map(([id, ...texts]) => [BigInt(id), ...texts]));
      },
    ),
    { numRuns: 60 },
  );
});

test.each([
  ['json', 'application/json'],
  ['ndjson', 'application/x-ndjson'],
])('any rows of %s are read back as they were written', async (format, mediaType) => {
  const value = fc.oneof(
    // A replacement character stands for bytes that could not be decoded: its row is rejected.
    fc.string({ unit: 'grapheme' }).filter((drawn) => !/[\0\uFFFD]/.test(drawn)),
    fc.constantFrom('', '007', 'true', ']},"'),
  );
  const row = fc.record({
    ...{ id: fc.integer(), share: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0.5 }) },
    ...{ paid: fc.boolean(), text: value, nested: fc.array(fc.record({ a: value })) },
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 200 }),
      async (rows, chunkBytes) => {
        const lines = rows.map((each) => JSON.stringify(each));
        const pretty = JSON.stringify(rows, undefined, rows.length % 3);
        const content = format === 'json' ? pretty : lines.join('\n');
        const { facts, ...read } = await processTable(content, { mediaType, chunkBytes });
        expect(facts).toMatchObject({ format, rowsIn: rows.length, rowsOut: rows.length });
        const expected = rows.map(({ id, share, paid, text, nested }) => [
          ...[BigInt(id), share, paid, text, JSON.stringify(nested)],
        ]);
        const isWhole = rows.every(({ share }) => Number.isSafeInteger(share));
        expect(read.rows).toEqual(
          isWhole ? expected.map((cells) => cells.with(1, BigInt(cells[1] as number))) : expected,
        );
      },
    ),
    { numRuns: 40 },
  );
});

test('rows in are rows out and rejects, whatever the text, and the next run does the same', async () => {
  const junk = fc
    .array(fc.constantFrom('a', '1', ',', '"', '\n', '\r', '\0', '\uFFFD', '{', '}', '[', ']', ':'))
    .map((parts) => `a,b\n1,x\n${parts.join('')}`);
  const types = fc.constantFrom('text/csv', 'application/json', 'application/x-ndjson');
  await fc.assert(
    fc.asyncProperty(junk, types, async (content, mediaType) => {
      const first = await processTable(content, { mediaType, chunkBytes: 3 });
      const { facts, reason, rejects } = first;
      if (facts) {
        expect(facts.rowsOut + facts.rowsFiltered + facts.rowsRejected).toBe(facts.rowsIn);
        expect(rejects).toHaveLength(facts.rowsRejected);
      } else expect(reason?.code).toMatch(/^[a-z_]+$/);
      const second = await processTable(content, { mediaType });
      expect(second.result).toEqual(first.result);
      expect(second.artefacts).toEqual(first.artefacts);
    }),
    { numRuns: 150 },
  );
});
