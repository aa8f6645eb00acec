import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** What DuckDB, which shares no code with the writer, finds in Parquet files. `sql` reads from `lake`. */
export async function queryLake(
  files: Iterable<Uint8Array>,
  sql: string,
): Promise<Record<string, unknown>[]> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-lake-'));
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  try {
    let count = 0;
    for (const bytes of files) {
      await writeFile(join(folder, `${count}.parquet`), bytes);
      count += 1;
    }
    await connection.run(`SET TimeZone = 'UTC'`);
    await connection.run(
      `CREATE VIEW lake AS SELECT * FROM read_parquet('${folder}/*.parquet', union_by_name = true)`,
    );
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    database.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}
