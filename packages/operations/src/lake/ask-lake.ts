import { type DuckDBConnection, DuckDBInstance, StatementType } from '@duckdb/node-api';
import type { ColumnType } from '@millrace/lake';
import type { Dataset } from './datasets.ts';
import type { FileCache } from './file-cache.ts';
import { LakeQueryError } from './lake-error.ts';

export interface Answer {
  readonly columns: readonly string[];
  /** Which columns are numbers. */
  readonly numeric: readonly boolean[];
  /** Cells as JSON has them; whole numbers of 64 bits as text, so that all digits stay. */
  readonly rows: readonly (readonly unknown[])[];
  /** There are more than were asked for. */
  readonly isPartial: boolean;
}

const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  ...{ string: 'VARCHAR', int64: 'BIGINT', double: 'DOUBLE' },
  ...{ boolean: 'BOOLEAN', timestamp: 'TIMESTAMP' },
};

/**
 * Answers one question over the datasets that it names. It reads and does nothing else: only SELECT
 * is taken, and the database sees no file but those of the cache, loads nothing, and lets no setting
 * be changed.
 *
 * @param limit rows, at most
 * @throws LakeQueryError, LakeCacheError, LakeUnreachableError
 */
export async function askLake(
  sql: string,
  datasets: readonly Dataset[],
  cache: FileCache,
  limit: number,
): Promise<Answer> {
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  try {
    for (const dataset of datasets.filter(({ name }) => isNamed(name, sql))) {
      const paths = await cache.fetch(dataset, await dataset.files());
      const source = paths.length > 0 ? readParquet(paths) : noRows(dataset);
      if (source) await connection.run(`CREATE VIEW ${quoted(dataset.name)} AS ${source}`);
    }
    await lockDown(connection, cache.folder);
    return await answer(connection, sql, limit);
  } finally {
    connection.closeSync();
    database.closeSync();
    await cache.trim();
  }
}

async function lockDown(connection: DuckDBConnection, folder: string): Promise<void> {
  await connection.run(`SET TimeZone = 'UTC'`);
  await connection.run(`SET allowed_directories = [${text(folder)}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
}

async function answer(connection: DuckDBConnection, sql: string, limit: number): Promise<Answer> {
  try {
    const statements = await connection.extractStatements(sql);
    if (statements.count !== 1) throw new Error('Ask one question at a time.');
    const statement = await statements.prepare(0);
    if (statement.statementType !== StatementType.SELECT) {
      throw new Error('The lake can only be read: ask with SELECT.');
    }
    const reader = await statement.streamAndReadUntil(limit + 1);
    const rows = reader.getRowsJson();
    return {
      columns: reader.columnNames(),
      numeric: reader.columnTypes().map((type) => /INT|DOUBLE|DECIMAL|FLOAT/.test(String(type))),
      rows: rows.slice(0, limit),
      isPartial: rows.length > limit,
    };
  } catch (cause) {
    throw new LakeQueryError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Whether the question says the name anywhere: then its files are fetched. */
function isNamed(name: string, sql: string): boolean {
  return new RegExp(`(?<![\\w])${name.replaceAll(/[^\w]/g, '\\$&')}(?![\\w])`, 'i').test(sql);
}

function readParquet(paths: readonly string[]): string {
  const list = paths.map(text).join(', ');
  return `SELECT * FROM read_parquet([${list}], union_by_name = true)`;
}

function noRows({ columns }: Dataset): string | undefined {
  if (columns.length === 0) return undefined;
  const nulls = columns.map(({ name, type }) => `NULL::${SQL_TYPES[type]} AS ${quoted(name)}`);
  return `SELECT ${nulls.join(', ')} WHERE false`;
}

const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
