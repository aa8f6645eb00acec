import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LocalCloudError } from './errors.ts';

/**
 * One cloud per state folder. The lock is SQLite's own lock on a file, held by an open transaction:
 * the system releases it with the process, however that ends, and no stale pid can be mistaken for it.
 *
 * @throws LocalCloudError STATE_IN_USE, STATE_UNWRITABLE
 */
export function lockState(dir: string): { release(): void } {
  const db = openLock(dir);
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    throw new LocalCloudError(
      'STATE_IN_USE',
      `A local cloud is running on ${dir}: stop it first, or name another folder with MILLRACE_STATE_DIR.`,
      { cause },
    );
  }
  return {
    release() {
      if (db.isOpen) db.close();
    },
  };
}

function openLock(dir: string): DatabaseSync {
  try {
    mkdirSync(dir, { recursive: true });
    const db = new DatabaseSync(join(dir, 'lock.db'));
    db.exec('PRAGMA busy_timeout=0');
    return db;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LocalCloudError(
      'STATE_UNWRITABLE',
      `The state folder ${dir} cannot be written (${reason}): free space or mend its permissions, or name another with MILLRACE_STATE_DIR.`,
      { cause },
    );
  }
}
