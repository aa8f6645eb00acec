import { TransientError } from '@millrace/middleware';
import { RowsRefused } from '../../domain/sql/sink-changes.ts';

/**
 * Classes of SQLSTATE that say of the values that they can never be stored: data exception,
 * integrity constraint violation, program limit exceeded.
 * https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const REFUSED = new Set(['22', '23', '54']);

/**
 * Classes after which the connection, or the server, is not there (any more): connection exception,
 * insufficient resources, operator intervention, system error.
 */
const UNAVAILABLE = new Set(['08', '53', '57', '58']);

/**
 * What an error of `pg` means for the sink. Messages of the database may hold values of the item:
 * only its SQLSTATE and the names of what is concerned are told.
 */
export function sqlError(error: unknown): Error {
  const isOurs = error instanceof TransientError || error instanceof RowsRefused;
  // A defect here is no answer of the database.
  if (isOurs || error instanceof TypeError) return error;
  const { code, table, column, constraint } = error as Record<string, unknown>;
  const state = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
  const where = [table, column, constraint].filter((name) => typeof name === 'string').join(', ');
  const told = `SQLSTATE ${state}${where && ` at ${where}`}`;
  if (state && REFUSED.has(state.slice(0, 2))) {
    return new RowsRefused(`PostgreSQL refuses a value (${told}).`, { cause: error });
  }
  if (state && !UNAVAILABLE.has(state.slice(0, 2))) {
    // A missing privilege, another schema, a deadlock: nothing of it is the item's fault.
    return new TransientError('sql_failed', `PostgreSQL refuses the statement (${told}).`, {
      cause: error,
    });
  }
  const why = state ? told : 'no connection';
  return new TransientError('sql_unavailable', `PostgreSQL is not available (${why}).`, {
    cause: error,
  });
}

/** Whether the connection itself is gone, not only what was asked over it. */
export function isLost(error: unknown): boolean {
  return error instanceof TransientError && error.code === 'sql_unavailable';
}
