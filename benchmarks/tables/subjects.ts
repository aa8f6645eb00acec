import { zstdCompressSync } from 'node:zlib';
import type { StoredRendition } from '@millrace/types';
import { type BasicType, ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { inferSchema, initParser } from 'udsv';
import { datasets } from '../../services/file-processing/datasets/index.ts';
import { sales } from '../../services/file-processing/datasets/sales.ts';
import {
  type Batch,
  type Cell,
  type ColumnType,
  parquetStream,
} from '../../services/file-processing/src/domain/content/parquet.ts';
import type { Upload, Workbench } from '../../services/file-processing/src/domain/processor.ts';
import { DatasetRows } from '../../services/file-processing/src/domain/processors/table/dataset-rows.ts';
import { tableProcessor } from '../../services/file-processing/src/domain/processors/table/processor.ts';
import { HEADER } from './generate.ts';

type Source = () => AsyncIterable<Uint8Array>;

const BATCH_ROWS = 500;
const PARQUET_TYPES: Readonly<Record<ColumnType, BasicType>> = {
  ...{ string: 'STRING', int64: 'INT64', double: 'DOUBLE' },
  ...{ boolean: 'BOOLEAN', timestamp: 'TIMESTAMP' },
};

/**
 * The fastest parser that was found, which believes that all is well-formed and tells no line
 * numbers. Bytes to rows, which are handed to nobody.
 *
 * @returns the number of rows
 */
export async function parse(source: Source): Promise<number> {
  let rows = 0;
  await eachRow(source, () => {
    rows += 1;
  });
  return rows;
}

/** The rows of a file that the dataset accepts, to be written again and again. */
export async function parsed(source: Source): Promise<Batch[]> {
  const shape = new DatasetRows(sales, HEADER);
  const batches: Cell[][][] = [shape.columns.map(() => [])];
  await eachRow(source, (row) => {
    if ((batches.at(-1)?.[0]?.length ?? 0) >= BATCH_ROWS) batches.push(shape.columns.map(() => []));
    shape.take(row, batches.at(-1) ?? []);
  });
  return batches;
}

async function eachRow(source: Source, take: (row: string[]) => void): Promise<void> {
  const parser = initParser(inferSchema(`${HEADER.join(',')}\n${HEADER.join(',')}\n`));
  const decoder = new TextDecoder();
  const each = (row: string[]) => {
    take(row);
    return true;
  };
  for await (const bytes of source()) {
    parser.chunk(decoder.decode(bytes, { stream: true }), parser.stringArrs, each);
  }
  parser.end();
}

const GROUP_ROWS = 16 * 1024;

/** The library by itself, told no more than it has to be. @returns bytes */
export async function write(rows: readonly Batch[]): Promise<number> {
  const columns = sales.columns.map(({ name, type }) => ({ name, type: PARQUET_TYPES[type] }));
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schemaFromColumnData({
      columnData: columns.map((column) => ({ ...column, data: [] })),
    }),
    codec: 'ZSTD',
    compressors: { ZSTD: (page) => zstdCompressSync(page) },
  });
  const perGroup = Math.ceil(GROUP_ROWS / BATCH_ROWS);
  for (let from = 0; from < rows.length; from += perGroup) {
    const group = rows.slice(from, from + perGroup);
    const columnData = columns.map((column, index) => ({
      ...column,
      data: group.flatMap((batch): Cell[] => [...(batch[index] ?? [])]),
    }));
    writer.write({ columnData, rowGroupSize: GROUP_ROWS });
  }
  writer.finish();
  return bytes.offset;
}

/** The library as Millrace feeds it. @returns bytes */
export const writeStream = (rows: readonly Batch[]): Promise<number> =>
  drain(parquetStream(sales.columns, rows));

/** What the function does with an upload, but for the network. @returns the number of rows */
export async function work(source: Source, size: number, hasDataset: boolean): Promise<number> {
  const processor = tableProcessor({ datasets: hasDataset ? datasets : [] });
  const result = await processor.process(upload(source, size), workbench);
  if (result.kind !== 'processed') throw new Error(`The table was not processed: ${result.kind}.`);
  const { rowsIn = 0, rowsRejected } = result.facts.table ?? {};
  if (rowsRejected !== 0) throw new Error('Rows were rejected.');
  return rowsIn;
}

const workbench: Workbench = {
  store: ({ body }) => stored(body),
  collect: ({ body }) => stored(body),
  progress: async () => {},
  signal: new AbortController().signal,
};

function upload(source: Source, size: number): Upload {
  const happenedAt = '2026-11-24T09:00:00.000Z';
  return {
    file: { tenant: 'bench', fileId: 'bench', name: 'export.csv' },
    version: {
      ...{ bucket: 'none', key: 'export.csv', happenedAt, sequencer: '1', order: '1' },
      ...{ eTag: 'e', size },
    },
    ...{ mediaType: 'text/csv', size },
    read: source,
    url: () => Promise.reject(new Error('The upload of a benchmark has no URL.')),
  };
}

async function stored(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredRendition> {
  const size = body instanceof Uint8Array ? body.length : await drain(body);
  return { name: 'artefact', bucket: 'none', key: 'none', contentType: 'none', size };
}

async function drain(body: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of body) bytes += chunk.length;
  return bytes;
}
