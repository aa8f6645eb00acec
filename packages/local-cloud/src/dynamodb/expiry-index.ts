import { DatabaseSync } from 'node:sqlite';

/** A table with Time to Live switched on. */
export interface ExpiringTable {
  readonly name: string;
  /** The attribute that holds the expiry: a Number, seconds since the epoch. */
  readonly attribute: string;
  readonly keys: readonly string[];
  readonly hasStream: boolean;
}

export interface ExpiredItem {
  readonly key: Readonly<Record<string, unknown>>;
  /** The number as it is written in the item. */
  readonly expiry: string;
}

/** Seconds since the epoch; both ends included. */
export interface ExpiryRange {
  readonly from: number;
  readonly to: number;
}

/** What the DynamoDB engine's file tells of expired items. Synchronous, and answers in microseconds. */
export interface ExpiryIndex {
  tables(): readonly ExpiringTable[];
  /** The expired items by their expiry, at most `limit` at a time; the generator reads on. */
  pages(table: ExpiringTable, range: ExpiryRange, limit: number): Iterable<readonly ExpiredItem[]>;
  /** Makes the stream records of deletes that were announced in `MARKS` the service's. */
  markDeletes(): void;
  /** Tables with an announcement that no delete has used up. */
  leftMarks(): readonly string[];
  close(): void;
}

/** The DynamoDB table by which a transaction says: its next delete in the table `table` is by expiry. */
export const MARKS = 'millrace.expired';

const IDENTITY = JSON.stringify({ type: 'Service', principalId: 'dynamodb.amazonaws.com' });

/** The engine keeps partition keys with their type. */
const MARK_KEY = "'S:' || NEW.table_name";

/**
 * A delete and the mark that it is by expiry have to be one step, for a kill may come between any
 * two; the engine's API has no such delete. So the mark is put by the same transaction as the
 * delete, and a trigger in the engine's database moves it to the stream record: SQLite has one writer
 * at a time, so no other delete can come between and take it.
 */
const TRIGGER = `
  CREATE TRIGGER IF NOT EXISTS millrace_expired AFTER INSERT ON _stream_records
  WHEN NEW.event_name = 'REMOVE' AND EXISTS (SELECT 1 FROM "${MARKS}" WHERE pk = ${MARK_KEY})
  BEGIN
    UPDATE _stream_records SET user_identity = '${IDENTITY}' WHERE id = NEW.id;
    DELETE FROM "${MARKS}" WHERE pk = ${MARK_KEY};
  END`;

/**
 * Opens the database file of a dynoxide engine (1.2) beside the running engine. An index over each
 * table's expiry makes looking for expired items cheap, however many others there are; without it
 * every sweep would scan the table.
 */
export function openExpiryIndex(file: string): ExpiryIndex {
  const db = new DatabaseSync(file);
  // A schema change waits for the engine's write, as the engine waits for ours.
  db.exec('PRAGMA busy_timeout = 5000');
  const expiring = db.prepare(`SELECT table_name, ttl_attribute, key_schema, stream_enabled
    FROM _tables WHERE ttl_enabled = 1 AND ttl_attribute IS NOT NULL`);

  function ensureIndex(table: ExpiringTable): void {
    const name = identifier(`${table.name}::millrace-expiry::${table.attribute}`);
    const { expiry, isNumber } = expressions(table.attribute);
    const on = `${identifier(table.name)} (${expiry})`;
    db.exec(`CREATE INDEX IF NOT EXISTS ${name} ON ${on} WHERE ${isNumber}`);
  }

  return {
    tables: () => expiring.all().map(toTable),

    *pages(table, { from, to }, limit) {
      ensureIndex(table);
      const { expiry, isNumber } = expressions(table.attribute);
      const page = db.prepare(`SELECT rowid, ${expiry} AS expiry, item_json
        FROM ${identifier(table.name)}
        WHERE ${isNumber} AND ${expiry} <= ? AND (${expiry}, rowid) > (?, ?)
        ORDER BY ${expiry}, rowid LIMIT ?`);
      let [lastExpiry, lastRow] = [from, -1];
      for (;;) {
        const rows = page.all(to, lastExpiry, lastRow, limit);
        const last = rows.at(-1);
        if (!last) return;
        [lastExpiry, lastRow] = [Number(last.expiry), Number(last.rowid)];
        yield rows.map((row) => toItem(String(row.item_json), table));
      }
    },

    markDeletes: () => db.exec(TRIGGER),

    leftMarks() {
      const exists = db.prepare('SELECT 1 FROM _tables WHERE table_name = ?').get(MARKS);
      if (!exists) return [];
      const marks = db.prepare(`SELECT substr(pk, 3) AS name FROM ${identifier(MARKS)}`).all();
      return marks.map(({ name }) => String(name));
    },

    close: () => db.close(),
  };
}

/** As SQL: the expiry as a number, and whether the item has one. The same text makes the index fit. */
function expressions(attribute: string): { expiry: string; isNumber: string } {
  const path = literal(`$."${attribute}".N`);
  return {
    expiry: `CAST(json_extract(item_json, ${path}) AS REAL)`,
    isNumber: `json_type(item_json, ${path}) = 'text'`,
  };
}

const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

function toTable(row: Record<string, unknown>): ExpiringTable {
  const schema: readonly { AttributeName: string }[] = JSON.parse(String(row.key_schema));
  return {
    name: String(row.table_name),
    attribute: String(row.ttl_attribute),
    keys: schema.map(({ AttributeName }) => AttributeName),
    hasStream: row.stream_enabled === 1,
  };
}

function toItem(json: string, { keys, attribute }: ExpiringTable): ExpiredItem {
  const item: Record<string, { N?: string }> = JSON.parse(json);
  return {
    key: Object.fromEntries(keys.map((name) => [name, item[name]])),
    expiry: item[attribute]?.N ?? '',
  };
}
