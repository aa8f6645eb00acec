import { sql as tables } from './0001-tables.ts';
import { sql as views } from './0002-views.ts';

/**
 * Numbered and never changed once deployed: the checksum of each is kept in the database. Only what
 * the code before can live with (a new table, a column that may be null, an index, a view): both run
 * side by side while functions are deployed. The text is a module, so that it is in the bundle like
 * everything else.
 */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

export const MIGRATIONS: readonly Migration[] = [
  { number: 1, name: 'tables', sql: tables },
  { number: 2, name: 'views', sql: views },
];
