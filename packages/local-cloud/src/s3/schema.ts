import type { CloudState } from '../state.ts';

/**
 * Keys are BLOBs: SQLite then compares them byte by byte, which is S3's listing order, and a key
 * may hold any character. `seq` is the sequencer of the write that made the row: the version with
 * the greatest one is the latest.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS s3_buckets (
    name TEXT PRIMARY KEY, created INTEGER NOT NULL, versioning TEXT NOT NULL,
    cors TEXT NOT NULL, tags TEXT NOT NULL, lifecycle TEXT NOT NULL DEFAULT '[]'
  ) STRICT;
  CREATE TABLE IF NOT EXISTS s3_versions (
    seq INTEGER PRIMARY KEY, bucket TEXT NOT NULL, key BLOB NOT NULL, version_id TEXT NOT NULL,
    latest INTEGER NOT NULL, delete_marker INTEGER NOT NULL, modified INTEGER NOT NULL,
    size INTEGER NOT NULL, etag TEXT NOT NULL, attributes TEXT NOT NULL, tags TEXT NOT NULL,
    checksum TEXT, segments TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS s3_versions_by_id ON s3_versions (bucket, key, version_id);
  CREATE INDEX IF NOT EXISTS s3_versions_by_age ON s3_versions (bucket, key, seq DESC);
  CREATE UNIQUE INDEX IF NOT EXISTS s3_versions_latest ON s3_versions (bucket, key)
    WHERE latest = 1;
  CREATE TABLE IF NOT EXISTS s3_uploads (
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key BLOB NOT NULL, initiated INTEGER NOT NULL,
    seq INTEGER NOT NULL, attributes TEXT NOT NULL, tags TEXT NOT NULL, algorithm TEXT NOT NULL,
    checksum_type TEXT NOT NULL, is_explicit INTEGER NOT NULL, result TEXT, completed INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS s3_uploads_by_key ON s3_uploads (bucket, key, seq);
  CREATE TABLE IF NOT EXISTS s3_parts (
    upload TEXT NOT NULL, number INTEGER NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL,
    etag TEXT NOT NULL, modified INTEGER NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (upload, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS s3_sequence (id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL) STRICT;
  INSERT OR IGNORE INTO s3_sequence VALUES (1, 0);
`;

export function createTables(state: CloudState): void {
  state.transaction(() => {
    state.db.exec(TABLES);
    addLifecycle(state);
  });
}

/** For state folders of the time before buckets had lifecycle rules. */
function addLifecycle({ db }: CloudState): void {
  const columns = db.prepare(
    "SELECT 1 FROM pragma_table_info('s3_buckets') WHERE name = 'lifecycle'",
  );
  if (columns.get() !== undefined) return;
  db.exec("ALTER TABLE s3_buckets ADD COLUMN lifecycle TEXT NOT NULL DEFAULT '[]'");
}

export type Sequence = () => number;

/**
 * Numbers that only ever grow, also across restarts and when the clock is set back. They start
 * from the time so that they grow even past a state folder that was forgotten.
 */
export function createSequence(state: CloudState, now: () => number): Sequence {
  const advance = state.db.prepare(
    'UPDATE s3_sequence SET value = max(value + 1, ?) RETURNING value',
  );
  return () => Number(advance.get(now() * 1024)?.value);
}

/** Fixed width, so that the order of the numbers is the order of the texts. */
export function formatSequencer(seq: number): string {
  return seq.toString(16).toUpperCase().padStart(16, '0');
}
