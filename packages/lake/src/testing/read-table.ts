import type { LakeStore } from '../ports.ts';
import type { Row } from '../row.ts';
import type { DataFile, Manifest } from '../table/manifest.ts';
import { readRowGroups } from '../table/parquet-file.ts';
import { liveColumns, type TableLayout } from '../table/table-layout.ts';

/** All rows of one version of a table, as a reader finds them who follows its manifest. */
export async function readTable(
  store: Pick<LakeStore, 'readRange'>,
  { changes, current, columns }: Manifest,
  layout: TableLayout,
): Promise<{ changes: Row[]; current: Row[] }> {
  const read = async (files: readonly DataFile[], names: Manifest['columns']) => {
    const rows: Row[] = [];
    for (const file of files) {
      for await (const piece of readRowGroups(store, file, names)) rows.push(...piece);
    }
    return rows;
  };
  const live = current.map((segment) => segment.live).filter((file) => file !== undefined);
  return {
    changes: await read(changes, columns),
    current: await read(live, liveColumns(columns, layout)),
  };
}
