import { lines } from '../../services/file-processing/src/domain/content/lines.ts';
import {
  type Batch,
  type Cell,
  parquetStream,
} from '../../services/file-processing/src/domain/content/parquet.ts';
import type { Upload, Workbench } from '../../services/file-processing/src/domain/processor.ts';
import { formatOf } from '../../services/file-processing/src/domain/processors/log/formats/formats.ts';
import { anonymous } from '../../services/file-processing/src/domain/processors/log/privacy.ts';
import { logProcessor } from '../../services/file-processing/src/domain/processors/log/processor.ts';
import type { FormatName } from './generate.ts';

const typeOf = (format: FormatName) => `text/x-log;format=${format}`;

type Source = () => AsyncIterable<Uint8Array>;

/** Bytes to rows, which are handed to nobody. @returns the number of rows */
export async function parse(format: FormatName, source: Source): Promise<number> {
  let rows = 0;
  for await (const batch of batches(format, source)) rows += batch[0]?.length ?? 0;
  return rows;
}

/** The rows of a log, to be written again and again. */
export async function parsed(format: FormatName, source: Source): Promise<Batch[]> {
  const rows: Batch[] = [];
  for await (const batch of batches(format, source)) rows.push(batch);
  return rows;
}

async function* batches(format: FormatName, source: Source): AsyncGenerator<Batch> {
  const { columns, reader } = known(format);
  const read = reader(anonymous);
  for await (const batch of lines(source(), { maxLineBytes: 2 ** 20 })) {
    const cells: Cell[][] = columns.map(() => []);
    for (const { text } of batch) {
      const entry = read(text);
      if (entry === undefined || entry === 'header') continue;
      for (const [index, column] of cells.entries()) column.push(entry.cells[index] ?? null);
    }
    yield cells;
  }
}

/** Rows to Parquet. @returns bytes */
export const write = (format: FormatName, rows: readonly Batch[]): Promise<number> =>
  drain(parquetStream(known(format).columns, rows));

/** What the function does with an upload, but for the network. @returns the number of lines */
export async function work(format: FormatName, source: Source, size: number): Promise<number> {
  const stored = async (
    body: Uint8Array | AsyncIterable<Uint8Array>,
  ): ReturnType<Workbench['store']> => ({
    ...{ name: 'artefact', bucket: 'none', key: 'none', contentType: 'none' },
    size: body instanceof Uint8Array ? body.length : await drain(body),
  });
  const bench: Workbench = {
    store: ({ body }) => stored(body),
    collect: ({ body }) => stored(body),
    progress: async () => {},
    signal: new AbortController().signal,
  };
  const happenedAt = '2026-11-24T09:00:00.000Z';
  const upload: Upload = {
    file: { tenant: 'bench', fileId: 'bench', name: `${format}.log` },
    version: {
      ...{ bucket: 'none', key: 'none', happenedAt, sequencer: '1', order: '1', eTag: 'e', size },
    },
    ...{ mediaType: typeOf(format), size },
    read: source,
    url: () => Promise.reject(new Error('The upload of a benchmark has no URL.')),
  };
  const result = await logProcessor().process(upload, bench);
  if (result.kind !== 'processed') throw new Error(`The log was not processed: ${result.kind}.`);
  return result.facts.log?.lines ?? 0;
}

function known(format: FormatName) {
  const found = formatOf(typeOf(format));
  if (!found) throw new Error(`There is no format ${format}.`);
  return found;
}

async function drain(body: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of body) bytes += chunk.length;
  return bytes;
}
