import { randomUUID } from 'node:crypto';
import type { CloudState } from '../state.ts';

/** An event that waits for its function, or a record that waits for its destination. */
export interface AsyncEntry {
  readonly requestId: string;
  readonly functionName: string;
  readonly payload: string;
  readonly enqueuedAt: number;
  /** Attempts that the function answered with an error. */
  readonly failures: number;
  /** Throttles and absences in a row: they set the backoff, not the number of attempts. */
  readonly setbacks: number;
  /** Where `payload` goes once the function's part is over; null while it is still to be invoked. */
  readonly destinationArn: string | null;
}

/** What is not to be taken: it is under way, or its function or destination is busy. */
export interface Occupied {
  readonly requestIds: Iterable<string>;
  readonly targets: Iterable<string>;
}

/**
 * The durable queue of asynchronous invocations. Every method is synchronous and atomic. Which
 * entries are under way is for the caller to know: whatever is in the queue when a process starts
 * has yet to be delivered, also what the one before it had begun.
 */
export interface AsyncStore {
  /** @param dueAt when it is to be delivered */
  add(functionName: string, payload: string, now: number, dueAt: number): AsyncEntry;
  /** The entry that has been due for the longest. */
  next(now: number, occupied: Occupied): AsyncEntry | undefined;
  /** When the next entry becomes due, in milliseconds since the epoch. */
  nextDueAt(occupied: Occupied): number | undefined;
  /** Lets an entry be tried again at `dueAt`. */
  postpone(requestId: string, change: { dueAt: number; failures: number; setbacks: number }): void;
  /** The function is done with it: from now on the entry is a record on its way to a destination. */
  redirect(requestId: string, destinationArn: string, record: string, now: number): void;
  remove(requestId: string): void;
  /** Makes what was put off by throttles and absences of these functions due at once. */
  hasten(functionNames: readonly string[], now: number): void;
  /** How many events of each function were never tried. */
  untried(): (readonly [functionName: string, entries: number])[];
  depth(): { queued: number; destinations: number };
}

interface Row {
  request_id: string;
  function_name: string;
  payload: string;
  enqueued_at: number;
  failures: number;
  setbacks: number;
  destination_arn: string | null;
}

const SCHEMA = `CREATE TABLE IF NOT EXISTS async_invocations (
    request_id TEXT PRIMARY KEY,
    function_name TEXT NOT NULL,
    payload TEXT NOT NULL,
    enqueued_at INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    setbacks INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    destination_arn TEXT
  );
  DROP INDEX IF EXISTS async_by_due;
  DROP INDEX IF EXISTS async_by_due_time;
  CREATE INDEX IF NOT EXISTS async_by_target
    ON async_invocations (coalesce(destination_arn, function_name), due_at);`;

const TARGET = 'coalesce(destination_arn, function_name)';

/**
 * The targets that are not occupied, found by steps from one to the next in the index, so that what
 * waits for a busy function is not looked through, however much it is. What is occupied is a handful
 * of names: as JSON they need no statement of their own.
 */
const FREE_TARGETS = `WITH RECURSIVE
  found(name) AS (
    SELECT min(${TARGET}) FROM async_invocations
    UNION ALL
    SELECT (SELECT min(${TARGET}) FROM async_invocations WHERE ${TARGET} > found.name)
    FROM found WHERE found.name IS NOT NULL
  ),
  target(name) AS (
    SELECT name FROM found WHERE name NOT IN (SELECT value FROM json_each(:targets))
  )`;
const WAITING = `${TARGET} = target.name
  AND request_id NOT IN (SELECT value FROM json_each(:requestIds))`;

export function createAsyncStore(state: CloudState): AsyncStore {
  const { db } = state;
  db.exec(SCHEMA);
  const insert = db.prepare(
    `INSERT INTO async_invocations (request_id, function_name, payload, enqueued_at, due_at)
     VALUES (?, ?, ?, ?, ?)`,
  );
  const next = db.prepare(
    `${FREE_TARGETS}
     SELECT entry.* FROM target JOIN async_invocations AS entry ON entry.rowid = (
       SELECT rowid FROM async_invocations WHERE ${WAITING} AND due_at <= :now
       ORDER BY due_at, rowid LIMIT 1
     )
     ORDER BY entry.due_at, entry.rowid LIMIT 1`,
  );
  const nextDueAt = db.prepare(
    `${FREE_TARGETS}
     SELECT min((
       SELECT due_at FROM async_invocations WHERE ${WAITING} ORDER BY due_at LIMIT 1
     )) AS due_at FROM target`,
  );
  const untried = db.prepare(
    `SELECT function_name, count(*) AS entries FROM async_invocations
     WHERE failures = 0 AND setbacks = 0 AND destination_arn IS NULL GROUP BY function_name`,
  );
  const postpone = db.prepare(
    'UPDATE async_invocations SET due_at = ?, failures = ?, setbacks = ? WHERE request_id = ?',
  );
  const redirect = db.prepare(
    `UPDATE async_invocations SET destination_arn = ?, payload = ?, due_at = ?, setbacks = 0
     WHERE request_id = ?`,
  );
  const remove = db.prepare('DELETE FROM async_invocations WHERE request_id = ?');
  const hasten = db.prepare(
    `UPDATE async_invocations SET due_at = ? WHERE function_name = ? AND setbacks > 0
     AND destination_arn IS NULL AND due_at > ?`,
  );
  const depth = db.prepare(
    `SELECT count(*) FILTER (WHERE destination_arn IS NULL) AS queued,
            count(*) FILTER (WHERE destination_arn IS NOT NULL) AS destinations
     FROM async_invocations`,
  );

  return {
    add(functionName, payload, now, dueAt) {
      const requestId = randomUUID();
      insert.run(requestId, functionName, payload, now, dueAt);
      const fresh = { failures: 0, setbacks: 0, destinationArn: null };
      return { requestId, functionName, payload, enqueuedAt: now, ...fresh };
    },
    next(now, occupied) {
      const row = next.get({ now, ...asJson(occupied) }) as Row | undefined;
      return row && toEntry(row);
    },
    nextDueAt(occupied) {
      const row = nextDueAt.get(asJson(occupied)) as { due_at: number | null } | undefined;
      return row?.due_at ?? undefined;
    },
    postpone(requestId, change) {
      postpone.run(change.dueAt, change.failures, change.setbacks, requestId);
    },
    redirect(requestId, destinationArn, record, now) {
      redirect.run(destinationArn, record, now, requestId);
    },
    remove(requestId) {
      remove.run(requestId);
    },
    untried() {
      const rows = untried.all() as { function_name: string; entries: number }[];
      return rows.map((row) => [row.function_name, row.entries]);
    },
    hasten(functionNames, now) {
      for (const name of functionNames) hasten.run(now, name, now);
    },
    depth: () => depth.get() as { queued: number; destinations: number },
  };
}

function asJson({ requestIds, targets }: Occupied): Record<keyof Occupied, string> {
  return { requestIds: JSON.stringify([...requestIds]), targets: JSON.stringify([...targets]) };
}

function toEntry(row: Row): AsyncEntry {
  return {
    requestId: row.request_id,
    functionName: row.function_name,
    payload: row.payload,
    enqueuedAt: row.enqueued_at,
    failures: row.failures,
    setbacks: row.setbacks,
    destinationArn: row.destination_arn,
  };
}
