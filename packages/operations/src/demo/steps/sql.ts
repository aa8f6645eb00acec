import { Pool } from 'pg';
import { readStatus } from '../../mappings/read-status.ts';
import type { DemoContext } from '../context.ts';
import type { Outcome } from '../report.ts';
import { watch } from '../waiting.ts';
import type { ExpectedRows } from './lake.ts';

/** Waits until PostgreSQL shows every item as it is, and none that is gone. */
export async function checkSql(
  context: DemoContext,
  expected: readonly ExpectedRows[],
  since: number,
): Promise<Outcome> {
  const { addresses } = await readStatus(context.targets.edgeUrl);
  // As the services have it: another PostgreSQL than the embedded one, where one is named.
  const connectionString = process.env.MILLRACE_DATABASE_URL || addresses.postgres;
  const pool = new Pool({ connectionString, max: 1 });
  pool.on('error', () => {});
  const rows = expected.reduce((sum, entry) => sum + entry.rows.size, 0);
  const wanted = `${rows} in their newest state, 0 others`;
  try {
    const { value, latencyMs } = await watch(
      () => look(pool, context.tenant, expected),
      (seen) => seen === wanted,
      { since, timeoutMs: context.timeoutMs },
    );
    const input = `rows of ${expected.length} tables in PostgreSQL`;
    const outcome = { area: 'sql' as const, input, result: value, latencyMs };
    return value === wanted ? outcome : { ...outcome, expected: wanted };
  } finally {
    await pool.end();
  }
}

async function look(
  pool: Pool,
  tenant: string,
  expected: readonly ExpectedRows[],
): Promise<string> {
  let right = 0;
  let others = 0;
  for (const { table, keyColumn, stateColumn, rows } of expected) {
    for (const { key, state } of await stateOf(pool, table, keyColumn, stateColumn, tenant)) {
      if (rows.get(key) === state) right += 1;
      else others += 1;
    }
  }
  return `${right} in their newest state, ${others} others`;
}

async function stateOf(
  pool: Pool,
  table: string,
  keyColumn: string,
  stateColumn: string,
  tenant: string,
): Promise<{ key: string; state: string }[]> {
  try {
    const { rows } = await pool.query(
      `select ${keyColumn} as key, ${stateColumn} as state from millrace.${table} where tenant = $1`,
      [tenant],
    );
    return rows;
  } catch (error) {
    // The sink makes the views when its first change comes.
    if (['42P01', '3F000'].includes(String((error as { code?: unknown }).code))) return [];
    throw error;
  }
}
