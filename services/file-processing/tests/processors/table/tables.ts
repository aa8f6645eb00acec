import type { Dataset } from '../../../src/domain/processors/table/dataset.ts';
import { tableProcessor } from '../../../src/domain/processors/table/processor.ts';
import { memoryBench, memoryUpload } from '../../model/bench.ts';
import { parquetRows } from '../../model/parquet-rows.ts';

interface File {
  readonly name?: string;
  readonly mediaType?: string;
  readonly chunkBytes?: number;
  readonly datasets?: readonly Dataset[];
}

/** One file through the processor: facts or reason, the rows that DuckDB reads, and the rejects. */
export async function processTable(
  content: string | Uint8Array,
  { name = 'file.csv', mediaType = 'text/csv', chunkBytes = 64 * 1024, datasets = [] }: File = {},
) {
  const { bench, artefacts, collected, percents } = memoryBench();
  const upload = memoryUpload(Buffer.from(content), { name, mediaType, chunkBytes });
  const result = await tableProcessor({ datasets }).process(upload, bench);
  const rejects = Buffer.from(artefacts.get('rejects.ndjson') ?? []).toString();
  const file = artefacts.get('rows.parquet');
  return {
    ...{ result, artefacts, collected, percents },
    facts: result.kind === 'processed' ? result.facts.table : undefined,
    reason: result.kind === 'rejected' ? result.reason : undefined,
    renditions: result.kind === 'processed' ? result.renditions.map(({ name }) => name) : [],
    rejects: rejects
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line)),
    rows: file ? (await parquetRows(file)).rows : [],
  };
}
