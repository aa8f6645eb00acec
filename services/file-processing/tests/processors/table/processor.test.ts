import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { datasets } from '../../../datasets/index.ts';
import { encoded } from '../../model/encoded.ts';
import { parquetRows } from '../../model/parquet-rows.ts';
import { processTable } from './tables.ts';

describe('a file of a declared dataset', () => {
  const korean = [
    '주문번호,판매일시,상품코드,매장,수량,단가,금액,채널,취소여부',
    'A-1,2026-01-31 09:30,P-100,강남점,2,"￦1,500","3,000원",매장,아니오',
    'A-2,2026.02.01,P-200,,1,900,900,온라인,N',
    'A-3,2026년 2월 2일,P-300,부산점,1,100,100,앱,예',
    'A-4,2026-02-30,P-300,부산점,하나,100,100,전화,N',
    ',2026-02-03,P-300,부산점,1,100,100,앱,N',
    'A-6,2026-02-03,P-300',
  ].join('\r\n');

  test('goes into its table of the lake, in its types, whatever its columns are called', async () => {
    const { facts, collected, renditions } = await processTable(encoded(korean, 'euc-kr'), {
      ...{ name: '2026 매출.csv', datasets },
    });
    expect(facts).toMatchObject({
      ...{ format: 'csv', encoding: 'euc-kr', delimiter: ',', hasHeader: true, dataset: 'sales' },
      ...{ rowsIn: 6, rowsOut: 2, rowsFiltered: 1, rowsRejected: 3 },
    });
    expect(renditions).toEqual(['rows', 'rejects']);
    const { rows } = await parquetRows(collected.get('dataset-sales'));
    expect(rows).toEqual([
      [
        ...['A-1', new Date('2026-01-31T00:30:00Z'), 'P-100', '강남점'],
        ...[2n, 1500, 3000, '매장', false],
      ],
      ['A-2', new Date('2026-01-31T15:00:00Z'), 'P-200', null, 1n, 900, 900, '온라인', false],
    ]);
  });

  test('tells of every rejected row its line, the reasons and what it was', async () => {
    const { rejects } = await processTable(korean, { name: 'sales.csv', datasets });
    const [unfit, unnamed, ragged] = rejects;
    expect(unfit).toMatchObject({
      ...{ line: 5, row: 4, raw: 'A-4,2026-02-30,P-300,부산점,하나,100,100,전화,N' },
      reasons: [
        { column: 'sold_at', code: 'not_a_time' },
        { column: 'quantity', code: 'not_an_integer' },
        { column: 'channel', code: 'not_allowed' },
      ],
    });
    expect(unnamed).toMatchObject({
      ...{ line: 6, row: 5, reasons: [{ column: 'order_id', code: 'missing_value' }] },
    });
    expect(ragged).toMatchObject({ line: 7, row: 6, reasons: [{ code: 'wrong_field_count' }] });
  });

  test('is known by its header where its name tells nothing', async () => {
    const { facts } = await processTable(korean, { name: 'export.csv', datasets });
    expect(facts?.dataset).toBe('sales');
  });

  test('is rejected where it is known by its name but lacks a required column', async () => {
    const { reason } = await processTable('주문번호,금액\n1,2\n', { name: 'sales.csv', datasets });
    expect(reason?.code).toBe('missing_columns');
    expect(reason?.message).toContain('sold_at, sku, quantity');
  });

  test('of JSON may name a column late, or twice', async () => {
    const base = { order_id: 'A', date: '2026-01-01', sku: 'P', quantity: 1, amount: 5 };
    const lines = [base, { ...base, 매장: '강남점' }, { ...base, total: 6 }, { ...base, total: 5 }];
    const { facts, collected, rejects } = await processTable(
      lines.map((line) => JSON.stringify(line)).join('\n'),
      { name: 'sales.ndjson', mediaType: 'application/x-ndjson', datasets },
    );
    expect(facts).toMatchObject({ format: 'ndjson', rowsIn: 4, rowsOut: 3, rowsRejected: 1 });
    expect(rejects).toMatchObject([{ line: 3, reasons: [{ code: 'ambiguous_value' }] }]);
    const { rows } = await parquetRows(collected.get('dataset-sales'));
    expect(rows.map((row) => row[3])).toEqual([null, '강남점', null]);
  });
});

describe('a file of no dataset', () => {
  test('becomes a rendition in the types that hold all of its rows', async () => {
    const many = Array.from(
      { length: 3000 },
      (_, row) => `${row},${row / 4},2026-01-01,true,${row}`,
    );
    const { facts, rows, renditions } = await processTable(
      `id,share,day,paid,code\n${many.join('\n')}\n7,,,,N/A\n`,
    );
    expect(facts?.columns).toEqual([
      { name: 'id', type: 'int64' },
      { name: 'share', type: 'double' },
      { name: 'day', type: 'timestamp' },
      { name: 'paid', type: 'boolean' },
      { name: 'code', type: 'string' },
    ]);
    expect(renditions).toEqual(['rows']);
    expect(rows).toHaveLength(3001);
    expect(rows.at(-1)).toEqual([7n, null, null, null, 'N/A']);
  });

  test.each([
    ['leading zeros', '007'],
    ['more digits than a double has', '0.12345678901234567'],
    ['more than 64 bits', '9223372036854775808'],
    ['a day that is none', '2026-02-30'],
    ['less than a millisecond', '2026-01-01T00:00:00.0001Z'],
    ['a number too large', '1e999'],
  ])('keeps %s as the text it is', async (_, text) => {
    const { facts, rows } = await processTable(`name,value\na,1\nb,${text}\n`);
    expect(facts?.columns[1]?.type).toBe('string');
    expect(rows.map((row) => row[1])).toEqual(['1', text]);
  });

  test('of JSON keeps nested values as JSON and long numbers exact', async () => {
    const { facts, rows } = await processTable(
      '[{"id":9007199254740993,"nested":{"a":[1,12345678901234567890]}},\n{"other":"1"}]',
      { name: 'a.json', mediaType: 'application/json' },
    );
    expect(facts).toMatchObject({ format: 'json', rowsIn: 2, rowsOut: 2 });
    expect(rows).toEqual([
      [9007199254740993n, '{"a":[1,12345678901234567890]}', null],
      [null, null, '1'],
    ]);
  });

  test('names columns that have no name, or one that is taken', async () => {
    const { facts } = await processTable('id,,ID,id_2\n1,2,3,4\n5,6,7,8\n');
    expect(facts?.columns.map(({ name }) => name)).toEqual(['id', 'column_2', 'ID_2', 'id_2_2']);
  });

  test.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('is read from inside of %s', async (compression, compress) => {
    const { facts, rows } = await processTable(compress(Buffer.from('a;b\n1;x\n2;y\n')));
    expect(facts).toMatchObject({ compression, delimiter: ';', rowsOut: 2 });
    expect(rows).toEqual([
      [1n, 'x'],
      [2n, 'y'],
    ]);
  });

  test('that has a header only has columns and no rows', async () => {
    const { facts, artefacts } = await processTable('id,name\n');
    expect(facts).toMatchObject({ rowsIn: 0, rowsOut: 0, hasHeader: true });
    const { columns } = await parquetRows(artefacts.get('rows.parquet'));
    expect(columns.map(({ name }) => name)).toEqual(['id', 'name']);
  });

  test('tells how far it is, upwards', async () => {
    const { percents } = await processTable(`id,name\n${'1,a\n'.repeat(50_000)}`);
    expect(percents).toEqual([...percents].sort((one, other) => one - other));
    expect(percents.at(-1)).toBe(100);
  });
});
