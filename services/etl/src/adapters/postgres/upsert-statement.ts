import { SINK_COLUMNS, type SqlTable, sqlColumns } from '../../domain/sql/sql-table.ts';

/** Where the sink's tables are; who reports reads the views in `millrace`. */
export const SINK_SCHEMA = 'millrace_sink';

/**
 * One statement for any number of rows, which come as one JSON array: its text is the same for
 * every batch, and numbers go from JSON to the column's type without a double between. A row is
 * replaced only by a newer one, as a whole.
 */
export function upsertStatement(table: SqlTable): string {
  const columns = sqlColumns(table);
  const names = columns.map(([name]) => quoted(name)).join(', ');
  const record = columns.map(([name, type]) => `${quoted(name)} ${type}`).join(', ');
  const key = table.key.map(({ column }) => quoted(column)).join(', ');
  const replaced = [...table.values.map(({ name }) => name), ...Object.keys(SINK_COLUMNS)]
    .map((name) => `${quoted(name)} = excluded.${quoted(name)}`)
    .join(', ');
  return `INSERT INTO ${SINK_SCHEMA}.${quoted(table.name)} AS present (${names})
SELECT ${names} FROM json_to_recordset($1::json) AS incoming (${record})
ON CONFLICT (${key}) DO UPDATE SET ${replaced}
WHERE excluded.sequence > present.sequence`;
}

/**
 * Forgets removed items, a few at a time. Later than anything can still come again that is older
 * than the removal: a stream keeps its records a day, the failures queue names them for two weeks,
 * and dead letters are kept for 30 days.
 */
export function purgeStatement(table: SqlTable): string {
  const name = `${SINK_SCHEMA}.${quoted(table.name)}`;
  return `DELETE FROM ${name} WHERE ctid = ANY (ARRAY(
SELECT ctid FROM ${name}
WHERE removed AND changed_at < now() - interval '${TOMBSTONES_KEPT_DAYS} days' LIMIT 1000))`;
}

const TOMBSTONES_KEPT_DAYS = 35;

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
