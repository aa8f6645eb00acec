import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** What DuckDB reads: another implementation than the one that wrote. Times are UTC milliseconds. */
export async function parquetRows(bytes: Uint8Array | undefined) {
  if (bytes === undefined) throw new Error('There is no Parquet file.');
  const folder = await mkdtemp(join(tmpdir(), 'millrace-parquet-'));
  const path = join(folder, 'rows.parquet');
  await writeFile(path, bytes);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const result = await connection.runAndReadAll(`SELECT * FROM read_parquet('${path}')`);
    return {
      columns: result.columnNames().map((name, index) => ({
        name,
        type: result.columnType(index).toString(),
      })),
      rows: result.getRowsJS(),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true });
  }
}
