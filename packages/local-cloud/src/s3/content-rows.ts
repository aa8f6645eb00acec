import type { CloudState } from '../state.ts';

/**
 * Content of a few bytes, in the database: stored in the very transaction that stores its object,
 * and sooner than a file is made.
 * https://www.sqlite.org/fasterthanfs.html
 */
export interface ContentRows {
  /** Holds the bytes in memory until they are kept or removed. Returns the name. */
  add(bytes: Uint8Array): string;
  /** Only inside the transaction that stores what names them. */
  keep(name: string): void;
  /** @throws Error when there is no such row */
  read(name: string): Uint8Array;
  remove(name: string): void;
}

const PREFIX = 'row-';

/** Whether a name is one of a row. */
export function isRow(name: string): boolean {
  return name.startsWith(PREFIX);
}

export function createContentRows(state: CloudState): ContentRows {
  const { db } = state;
  db.exec(
    'CREATE TABLE IF NOT EXISTS s3_contents (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT',
  );
  const insert = db.prepare('INSERT INTO s3_contents (id, bytes) VALUES (?, ?)');
  const select = db.prepare('SELECT bytes FROM s3_contents WHERE id = ?');
  const remove = db.prepare('DELETE FROM s3_contents WHERE id = ?');
  const last = db.prepare('SELECT max(id) AS id FROM s3_contents').get();
  let lastId = Number(last?.id ?? 0);
  const pending = new Map<string, Uint8Array>();
  const idOf = (name: string) => Number(name.slice(PREFIX.length));

  return {
    add(bytes) {
      lastId += 1;
      const name = `${PREFIX}${lastId}`;
      pending.set(name, bytes);
      return name;
    },
    keep(name) {
      const bytes = pending.get(name);
      if (!bytes) return;
      insert.run(idOf(name), bytes);
      state.afterCommit(() => pending.delete(name));
    },
    read(name) {
      const bytes = select.get(idOf(name))?.bytes;
      if (bytes instanceof Uint8Array) return bytes;
      throw new Error(`The database has no content ${name}, though an object names it.`);
    },
    remove(name) {
      if (!pending.delete(name)) remove.run(idOf(name));
    },
  };
}
