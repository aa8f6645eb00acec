import type { NewestRows } from '../../domain/sql/sink-changes.ts';
import type { SqlRow } from '../../domain/sql/sql-row.ts';
import type { SqlSession } from './sql-session.ts';
import { purgeStatement, upsertStatement } from './upsert-statement.ts';

const PURGE_EVERY_MS = 60 * 60 * 1_000;

/** The sink's tables in PostgreSQL. @param now milliseconds since the epoch */
export function postgresRows(session: SqlSession, now: () => number = Date.now): NewestRows {
  let purgedAt = Number.NEGATIVE_INFINITY;
  return {
    async putNewest(table, rows) {
      const values = [
        `[${rows
          .toSorted(byId)
          .map(({ json }) => json)
          .join(',')}]`,
      ];
      await session.run((client) => client.query(upsertStatement(table), values));
      if (now() - purgedAt < PURGE_EVERY_MS) return;
      await session.run((client) => client.query(purgeStatement(table)));
      purgedAt = now();
    },
  };
}

/** Batches that meet at the same rows lock them in the same order, so that none waits in a circle. */
function byId(a: SqlRow, b: SqlRow): number {
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
