import { createHash } from 'node:crypto';
import { TransientError } from '@millrace/middleware';
import type { ClientBase } from 'pg';
import { MIGRATIONS, type Migration } from './migrations/index.ts';

/** Any number: who else uses advisory locks in the database must not use it. */
const LOCK = 4_718_060;

const HISTORY = `CREATE SCHEMA IF NOT EXISTS millrace_sink;
CREATE TABLE IF NOT EXISTS millrace_sink.migrations (
  number integer PRIMARY KEY,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamp with time zone NOT NULL DEFAULT now()
)`;

/**
 * Brings the schema up to this code's: what is missing is applied in one transaction, by one at a
 * time. A database that has more stays as it is: migrations only add, so older code works with it.
 *
 * @throws TransientError sql_schema_mismatch where a migration is not the one that was applied
 */
export async function applyMigrations(
  client: ClientBase,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  if (isUpToDate(await appliedChecksums(client), migrations)) return;
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await client.query(HISTORY);
    const applied = await appliedChecksums(client);
    isUpToDate(applied, migrations);
    for (const { number, name, sql } of migrations) {
      if (applied.has(number)) continue;
      await client.query(sql);
      await client.query(
        'INSERT INTO millrace_sink.migrations (number, name, checksum) VALUES ($1, $2, $3)',
        [number, name, checksumOf(sql)],
      );
    }
    await client.query('COMMIT');
  } catch (error) {
    // A lost connection rolls back by itself.
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function appliedChecksums(client: ClientBase): Promise<Map<number, string>> {
  const { rows: tables } = await client.query(
    "SELECT to_regclass('millrace_sink.migrations') IS NOT NULL AS there",
  );
  if (!tables[0]?.there) return new Map();
  const { rows } = await client.query('SELECT number, checksum FROM millrace_sink.migrations');
  return new Map(rows.map(({ number, checksum }) => [number, checksum]));
}

function isUpToDate(applied: ReadonlyMap<number, string>, migrations: readonly Migration[]) {
  const changed = migrations.find(({ number, sql }) => {
    const checksum = applied.get(number);
    return checksum !== undefined && checksum !== checksumOf(sql);
  });
  if (changed) {
    throw new TransientError(
      'sql_schema_mismatch',
      `Migration ${changed.number} (${changed.name}) was applied with another text: deploy the code that it was, and put the change into a migration of its own.`,
    );
  }
  return migrations.every(({ number }) => applied.has(number));
}

export function checksumOf(sql: string): string {
  return createHash('sha256').update(sql).digest('hex');
}
