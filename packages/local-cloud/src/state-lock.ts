import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LocalCloudError } from './errors.ts';

/**
 * Takes the state folder for this process until it ends, however it ends: SQLite holds the lock in
 * the kernel, so a kill leaves no stale lock file behind. Returns a function that gives it back.
 *
 * @throws LocalCloudError STATE_IN_USE
 */
export function lockState(dir: string): () => void {
  mkdirSync(dir, { recursive: true });
  const db = new DatabaseSync(join(dir, 'lock.db'));
  try {
    db.exec('PRAGMA busy_timeout=0; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    throw new LocalCloudError(
      'STATE_IN_USE',
      `Another local cloud works in ${dir}: stop it, or name another folder with MILLRACE_STATE_DIR.`,
      { cause },
    );
  }
  return () => db.close();
}
