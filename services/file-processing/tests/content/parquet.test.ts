import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Batch,
  type Cell,
  type Column,
  parquetStream,
} from '../../src/domain/content/parquet.ts';
import { parquetRows } from '../model/parquet-rows.ts';

const columns: Column[] = [
  { name: 'text', type: 'string' },
  { name: 'count', type: 'int64' },
  { name: 'amount', type: 'double' },
  { name: 'paid', type: 'boolean' },
  { name: 'at', type: 'timestamp' },
];

const optional = <T>(cell: fc.Arbitrary<T>) => fc.option(cell, { nil: null });
const anyRow = fc.tuple(
  optional(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('서울', 'repeated', ''))),
  optional(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  // DuckDB tells -0 from 0, a dictionary of the writer does not.
  optional(fc.double({ noNaN: true }).map((value) => value + 0)),
  optional(fc.boolean()),
  optional(fc.date({ noInvalidDate: true, min: new Date(-8e12), max: new Date(8e12) })),
);

test('any rows are read back by DuckDB as they were written', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyRow, { maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      async (rows, rowGroupRows) => {
        const bytes = await file(batchesOf(rows, 7), rowGroupRows);
        const { rows: read } = await parquetRows(bytes);
        expect(read).toEqual(rows);
      },
    ),
    { numRuns: 60 },
  );
});

test('a file of no rows has its columns', async () => {
  const { columns: read, rows } = await parquetRows(await file([]));
  expect(rows).toEqual([]);
  expect(read.map(({ name, type }) => `${name} ${type}`)).toEqual([
    ...['text VARCHAR', 'count BIGINT', 'amount DOUBLE', 'paid BOOLEAN', 'at TIMESTAMP'],
  ]);
});

test('the bytes do not depend on how the rows are cut into batches', async () => {
  const rows: Cell[][] = Array.from({ length: 5000 }, (_, row) => [
    ...[`text ${row}`, BigInt(row), row / 8, row % 2 === 0, new Date(row)],
  ]);
  const whole = await file(batchesOf(rows, 5000), 1000);
  expect(Buffer.compare(whole, await file(batchesOf(rows, 333), 1000))).toBe(0);
});

test('long texts are given in parts, as soon as a row group is full', async () => {
  const text = 'x'.repeat(1024 ** 2);
  let read = 0;
  function* batches(): Generator<Batch> {
    for (; read < 40; read += 1) yield [[text + read]];
  }
  const parts = parquetStream([{ name: 'text', type: 'string' }], batches());
  await parts.next();
  expect(read).toBeLessThan(10);
  await parts.return(undefined);
});

test('a table whose description would not fit into memory is refused', async () => {
  const wide: Column[] = Array.from({ length: 16_384 }, (_, index) => ({
    ...{ name: `column_${index}`, type: 'string' },
  }));
  function* batches(): Generator<Batch> {
    for (;;) yield wide.map(() => ['a']);
  }
  const writing = written(parquetStream(wide, batches(), { rowGroupRows: 1 }));
  await expect(writing).rejects.toMatchObject({ code: 'too_many_cells' });
});

async function file(batches: Iterable<Batch>, rowGroupRows?: number): Promise<Buffer> {
  const options = rowGroupRows === undefined ? {} : { rowGroupRows };
  return written(parquetStream(columns, batches, options));
}

async function written(parts: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const bytes: Uint8Array[] = [];
  for await (const part of parts) bytes.push(part);
  return Buffer.concat(bytes);
}

function* batchesOf(rows: readonly (readonly Cell[])[], size: number): Generator<Batch> {
  for (let from = 0; from < rows.length; from += size) {
    const slice = rows.slice(from, from + size);
    yield columns.map((_, column) => slice.map((row) => row[column] ?? null));
  }
}
