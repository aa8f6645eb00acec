import type { DemoContext } from '../context.ts';
import { type LakeCopy, openLake } from '../lake.ts';
import type { Outcome } from '../report.ts';
import { watch } from '../waiting.ts';

/** What the lake must hold of this run: per table the key column and the newest state of each key. */
export interface ExpectedRows {
  readonly table: string;
  readonly keyColumn: string;
  /** key → value of `stateColumn`. */
  readonly rows: ReadonlyMap<string, string>;
  readonly stateColumn: string;
}

/** Reads the Parquet files with DuckDB until every key has its newest state there, each change once. */
export async function checkLake(
  context: DemoContext,
  expected: readonly ExpectedRows[],
  since: number,
): Promise<Outcome[]> {
  const lake = await openLake(context.targets);
  try {
    return await Promise.all(
      expected.map(async (entry) => {
        const { value, latencyMs } = await watch(
          () => look(lake, context.tenant, entry),
          (seen) => seen.result === seen.wanted,
          { since, timeoutMs: context.timeoutMs },
        );
        const outcome = {
          area: 'lake',
          input: `changes of ${entry.table}, by DuckDB`,
          result: value.result,
          latencyMs,
        } as const;
        return value.result === value.wanted ? outcome : { ...outcome, expected: value.wanted };
      }),
    );
  } finally {
    await lake.close();
  }
}

async function look(
  lake: LakeCopy,
  tenant: string,
  { table, keyColumn, stateColumn, rows }: ExpectedRows,
) {
  await lake.refresh(table);
  const own = `tenant = '${tenant}'`;
  const newest = await lake.query(
    table,
    (
      from,
    ) => `select ${keyColumn} as key, arg_max(${stateColumn}, sequence) as state, arg_max(op, sequence) as op
               from ${from} where ${own} group by ${keyColumn}`,
  );
  const [counts] = await lake.query(
    table,
    (from) => `select count(*) as n, count(distinct change_id) as d from ${from} where ${own}`,
  );
  const right = newest.filter(
    (row) => row.op !== 'REMOVE' && rows.get(String(row.key)) === String(row.state),
  ).length;
  const extra = newest.length - right;
  const doubled = Number(counts?.n ?? 0) - Number(counts?.d ?? 0);
  return {
    result: `${right} keys in their newest state, ${extra} others, ${doubled} rows doubled`,
    wanted: `${rows.size} keys in their newest state, 0 others, 0 rows doubled`,
  };
}
