import { type Committed, commitTable, type TableJob, type TableLayout } from '@millrace/lake/table';
import { writeLinks } from './athena-links.ts';

export interface CompactLakeOptions extends Omit<TableJob, 'layout' | 'onLatest'> {
  /** Its name, for the links of Athena. */
  readonly bucket: string;
  onTable(table: string, committed: Committed): void;
  onFailure(table: string, error: Error): void;
}

/**
 * Commits every table, one after the other. One that fails does not hinder the others.
 *
 * @throws AggregateError when any failed
 */
export async function compactLake(
  layouts: readonly TableLayout[],
  options: CompactLakeOptions,
): Promise<{ commits: number; rows: number }> {
  const { store, bucket } = options;
  const total = { commits: 0, rows: 0 };
  const failures: Error[] = [];
  for (const layout of layouts) {
    try {
      const committed = await commitTable({
        ...options,
        layout,
        onLatest: (manifest) => writeLinks(store, bucket, manifest),
      });
      total.commits += committed.commits;
      total.rows += committed.rows;
      options.onTable(layout.table, committed);
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      options.onFailure(layout.table, error);
      failures.push(error);
    }
  }
  if (failures.length > 0) {
    throw new AggregateError(failures, failures.map(({ message }) => message).join(' '));
  }
  return total;
}
