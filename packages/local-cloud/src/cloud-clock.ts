import type { Clock } from './clock.ts';
import { LocalCloudError } from './errors.ts';
import { createMovableClock, type MovableClock, REMEMBERED_JUMPS } from './movable-clock.ts';
import type { CloudState } from './state.ts';

/** Ten years at a time: enough for every retention, and far from where dates end. */
const LONGEST_ADVANCE_MS = 10 * 365 * 86_400_000;
/** The year 9999: dates beyond it have no place in an ISO 8601 text of four digits. */
const LAST_INSTANT = Date.UTC(9999, 0);

/**
 * The clock of the local cloud. How far it was moved is part of the state: after a restart the cloud
 * does not go back in time. Forgotten with the state folder.
 *
 * What it governs: everything that AWS times (retries, ages, windows, schedules, visibility,
 * lifecycle rules, TTL, the times in events). What keeps the machine's time: the services' own
 * processes, how long an invocation may run, and the tokens of the user pool.
 */
export function createCloudClock(state: CloudState, base: Clock): MovableClock {
  const { db } = state;
  db.exec(`CREATE TABLE IF NOT EXISTS clock_jumps (
    jump INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, offset_ms REAL NOT NULL) STRICT`);
  const rows = db.prepare('SELECT at, offset_ms AS offsetMs FROM clock_jumps ORDER BY jump').all();
  const known = rows as unknown as { at: number; offsetMs: number }[];
  const add = db.prepare('INSERT INTO clock_jumps (at, offset_ms) VALUES (?, ?)');
  const forget = db.prepare(
    'DELETE FROM clock_jumps WHERE jump <= (SELECT max(jump) FROM clock_jumps) - ?',
  );
  return createMovableClock(base, known, ({ at, offsetMs }) => {
    state.transaction(() => {
      add.run(at, offsetMs);
      forget.run(REMEMBERED_JUMPS);
    });
  });
}

/**
 * The body of `POST /_millrace/clock`: by how many milliseconds.
 *
 * @throws LocalCloudError CLOCK_INVALID
 */
export function readAdvance(body: Readonly<Record<string, unknown>>, now: number): number {
  const { advanceMs, ...others } = body;
  const fits =
    typeof advanceMs === 'number' &&
    Number.isInteger(advanceMs) &&
    advanceMs >= 0 &&
    advanceMs <= LONGEST_ADVANCE_MS &&
    now + advanceMs < LAST_INSTANT;
  if (fits && Object.keys(others).length === 0) return advanceMs;
  throw new LocalCloudError(
    'CLOCK_INVALID',
    `The clock moves by {"advanceMs": n}, a whole number of milliseconds from 0 to ${LONGEST_ADVANCE_MS} (ten years), and not beyond the year 9999; it does not move back.`,
  );
}
