import type { StoredRendition, TableFacts } from '@millrace/types';
import { ContentError } from '../../content/content-error.ts';
import { type Cell, parquetStream } from '../../content/parquet.ts';
import {
  type Processed,
  type Processor,
  rejected,
  type Upload,
  type Workbench,
} from '../../processor.ts';
import { type Dataset, datasetOf, missingColumns, tableOf } from './dataset.ts';
import { DatasetRows } from './dataset-rows.ts';
import { TypeInference } from './infer-types.ts';
import { type Reject, Rejects } from './rejects.ts';
import { columnNames, InferredRows, type Rows } from './rows.ts';
import { TableSource } from './table-source.ts';

/** Of the time that a file without a dataset takes, for which it is read twice. */
const SHARE_OF_INFERENCE = 0.2;

/**
 * Turns tables into Parquet. Rows of a declared dataset are held against its schema and go into the
 * lake; those of any other file become a rendition, in types that hold all of them exactly. What is
 * not taken is in the rendition `rejects`: rows in = rows out + filtered + rejected.
 */
export function tableProcessor({ datasets }: { readonly datasets: readonly Dataset[] }): Processor {
  return {
    async process(upload, bench) {
      const work = new TableWork(upload, bench, datasets);
      try {
        return await work.run();
      } catch (error) {
        // Who reads our streams may give their error in wrapping of his own.
        const cause = work.failure ?? error;
        if (cause instanceof ContentError) return rejected(cause.code, cause.message);
        throw cause;
      }
    },
  };
}

class TableWork {
  readonly #upload: Upload;
  readonly #bench: Workbench;
  readonly #datasets: readonly Dataset[];
  readonly #rejects: Rejects;
  #share = { from: 0, to: 0 };
  #rowsIn = 0;
  #rowsOut = 0;
  #rowsFiltered = 0;
  failure: unknown;

  constructor(upload: Upload, bench: Workbench, datasets: readonly Dataset[]) {
    this.#upload = upload;
    this.#bench = bench;
    this.#datasets = datasets;
    this.#rejects = new Rejects(bench);
  }

  async run(): Promise<Processed> {
    const source = await TableSource.open(this.#upload, (bytes) => this.#progress(bytes));
    const dataset = datasetOf(this.#datasets, this.#upload.version.key, source.header);
    const rows = dataset ? datasetRows(dataset, source) : await this.#inferredRows(source);
    this.#share = { from: this.#share.to, to: 1 };
    const stored = await this.#write(source, rows, dataset);
    return {
      kind: 'processed',
      facts: { table: this.#facts(source, rows, dataset) },
      renditions: stored,
      findable: { text: columnNames(source.header).join(' ') },
    };
  }

  /** The whole file decides on its types, not its first rows. */
  async #inferredRows(source: TableSource): Promise<Rows> {
    this.#share = { from: 0, to: SHARE_OF_INFERENCE };
    const { isTyped } = source.format;
    const types = new TypeInference();
    for await (const rows of source.rows()) {
      for (const { value } of rows) if (value) types.add(value, !isTyped);
    }
    return new InferredRows(source.header, types, !isTyped);
  }

  async #write(
    source: TableSource,
    rows: Rows,
    dataset: Dataset | undefined,
  ): Promise<StoredRendition[]> {
    try {
      const table = await this.#store(this.#batches(source, rows), rows, dataset);
      const rejects = await this.#rejects.end();
      return [table, rejects].filter((rendition) => rendition !== undefined);
    } catch (error) {
      await this.#rejects.abandon(error);
      throw error;
    }
  }

  async #store(
    batches: AsyncIterable<Cell[][]>,
    { columns }: Rows,
    dataset: Dataset | undefined,
  ): Promise<StoredRendition | undefined> {
    if (columns.length === 0) {
      // A file of rejects only.
      for await (const _ of batches);
      return undefined;
    }
    const body = parquetStream(columns, batches);
    if (dataset) return this.#bench.collect({ table: tableOf(dataset), body });
    return this.#bench.store({
      ...{ name: 'rows', extension: 'parquet', body },
      contentType: 'application/vnd.apache.parquet',
    });
  }

  async *#batches(source: TableSource, rows: Rows): AsyncGenerator<Cell[][]> {
    let known = source.header.length;
    try {
      for await (const batch of source.rows()) {
        if (source.header.length > known) {
          known = source.header.length;
          rows.bind(source.header);
        }
        const columns: Cell[][] = rows.columns.map(() => []);
        const rejects: Reject[] = [];
        for (const { line, raw, value, fault } of batch) {
          this.#rowsIn += 1;
          const taken = value ? rows.take(value, columns) : fault ? [fault] : [];
          if (taken === 'taken') this.#rowsOut += 1;
          else if (taken === 'filtered') this.#rowsFiltered += 1;
          else rejects.push({ line, row: this.#rowsIn, faults: taken, raw });
        }
        await this.#rejects.add(rejects);
        yield columns;
      }
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }

  async #progress(bytes: number): Promise<void> {
    this.#bench.signal.throwIfAborted();
    const { from, to } = this.#share;
    const share = from + (to - from) * Math.min(1, bytes / this.#upload.size);
    await this.#bench.progress(Math.floor(share * 100));
  }

  #facts(source: TableSource, rows: Rows, dataset: Dataset | undefined): TableFacts {
    const { name, compression, delimiter, hasHeader } = source.format;
    return {
      format: name,
      ...(compression && { compression }),
      encoding: source.encoding,
      ...(delimiter && { delimiter }),
      ...(hasHeader !== undefined && { hasHeader }),
      ...(dataset && { dataset: dataset.name }),
      columns: rows.columns.map((column) => ({ name: column.name, type: column.type })),
      rowsIn: this.#rowsIn,
      rowsOut: this.#rowsOut,
      rowsFiltered: this.#rowsFiltered,
      rowsRejected: this.#rejects.count,
    };
  }
}

function datasetRows(dataset: Dataset, source: TableSource): Rows {
  // Of a file of JSON, other rows may have what the first ones have not.
  const missing = source.format.isTyped ? [] : missingColumns(dataset, source.header);
  if (missing.length === 0) return new DatasetRows(dataset, source.header);
  throw new ContentError(
    'missing_columns',
    `The file belongs to the dataset ${dataset.name}, but has no column ${missing.join(', ')}.`,
  );
}
