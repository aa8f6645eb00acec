import type { CloudState } from '../../state.ts';

/** Pairs that are attached to each other; attaching twice is attaching once. */
export interface Attachments {
  attach(left: string, right: string): void;
  detach(left: string, right: string): void;
  rightsOf(left: string): readonly string[];
  leftsOf(right: string): readonly string[];
}

/** Attachments in a table of their own, in the order in which they were made. */
export function createAttachments(
  { db }: CloudState,
  table: 'iot_thing_certificates' | 'iot_policy_targets',
): Attachments {
  db.exec(`CREATE TABLE IF NOT EXISTS ${table} (
    id INTEGER PRIMARY KEY, left TEXT NOT NULL, right TEXT NOT NULL, UNIQUE (left, right)) STRICT;
    CREATE INDEX IF NOT EXISTS ${table}_by_right ON ${table} (right)`);
  const insert = db.prepare(`INSERT OR IGNORE INTO ${table} (left, right) VALUES (?, ?)`);
  const remove = db.prepare(`DELETE FROM ${table} WHERE left = ? AND right = ?`);
  const rights = db.prepare(`SELECT right AS name FROM ${table} WHERE left = ? ORDER BY id`);
  const lefts = db.prepare(`SELECT left AS name FROM ${table} WHERE right = ? ORDER BY id`);
  return {
    attach: (left, right) => void insert.run(left, right),
    detach: (left, right) => void remove.run(left, right),
    rightsOf: (left) => rights.all(left).map(({ name }) => String(name)),
    leftsOf: (right) => lefts.all(right).map(({ name }) => String(name)),
  };
}
