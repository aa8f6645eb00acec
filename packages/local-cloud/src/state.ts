import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LocalCloudError } from './errors.ts';

/** The durable state of one local cloud: a folder and the one database connection to it. */
export interface CloudState {
  readonly dir: string;
  readonly db: DatabaseSync;
  /**
   * Runs `work` in one transaction (joining the one that is already open), so that an effect and
   * the notification of it are stored together or not at all.
   */
  transaction<T>(work: () => T): T;
  /**
   * Runs `work` as soon as the open transaction is committed (at once where none is open), and never
   * when it is undone: for what follows from an effect outside the database. `work` must not throw.
   */
  afterCommit(work: () => void): void;
  close(): void;
}

/**
 * Opens (or creates) the state folder. WAL with `synchronous=NORMAL` keeps every committed
 * transaction through `kill -9` of this process; only a power cut may lose the last ones.
 *
 * @throws LocalCloudError STATE_UNWRITABLE, STATE_CORRUPT
 */
export function openState(dir: string): CloudState {
  try {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, '.writable'), '');
  } catch (cause) {
    throw new LocalCloudError(
      'STATE_UNWRITABLE',
      `The state folder ${dir} cannot be written (${reason(cause)}): free space or mend its permissions, or name another with MILLRACE_STATE_DIR.`,
      { cause },
    );
  }
  const db = openDatabase(join(dir, 'cloud.db'));
  let depth = 0;
  let consequences: (() => void)[] = [];
  return {
    dir,
    db,
    transaction(work) {
      if (depth > 0) return work();
      db.exec('BEGIN IMMEDIATE');
      depth += 1;
      let result: ReturnType<typeof work>;
      try {
        result = work();
        db.exec('COMMIT');
      } catch (error) {
        consequences = [];
        // SQLite has already rolled back by itself after some errors (a full disk, for one).
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      } finally {
        depth -= 1;
      }
      for (const consequence of consequences.splice(0)) consequence();
      return result;
    },
    afterCommit(work) {
      if (depth > 0) consequences.push(work);
      else work();
    },
    close: () => db.close(),
  };
}

function openDatabase(file: string): DatabaseSync {
  try {
    const db = new DatabaseSync(file);
    db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=5000;');
    const [check] = db.prepare('PRAGMA quick_check(1)').all();
    if (check?.quick_check !== 'ok') throw new Error(String(check?.quick_check));
    return db;
  } catch (cause) {
    throw new LocalCloudError(
      'STATE_CORRUPT',
      `The local state ${file} cannot be read (${reason(cause)}): run "npm run reset" to start afresh.`,
      { cause },
    );
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
