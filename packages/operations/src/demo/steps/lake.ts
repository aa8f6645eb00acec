import type { MillraceEvent } from '@millrace/types';
import type { DemoContext } from '../context.ts';
import { type Dataset, type LakeCopy, openLake } from '../lake.ts';
import type { Outcome } from '../report.ts';
import { watch } from '../waiting.ts';

/** What the lake must hold of this run: per table the key column and the newest state of each key. */
export interface ExpectedRows {
  readonly table: string;
  readonly keyColumn: string;
  /** key → value of `stateColumn`. */
  readonly rows: ReadonlyMap<string, string>;
  /** A column, or an expression of columns. */
  readonly stateColumn: string;
}

interface Seen {
  readonly result: string;
  readonly wanted: string;
}

/**
 * Reads the Parquet files with DuckDB until every key has its newest state in the lake, each change
 * once, and every event is in the archive, once.
 */
export async function checkLake(
  context: DemoContext,
  expected: readonly ExpectedRows[],
  events: readonly MillraceEvent[],
  since: number,
): Promise<Outcome[]> {
  const lake = await openLake(context.targets);
  const check = async (input: string, look: () => Promise<Seen>): Promise<Outcome> => {
    const { value, latencyMs } = await watch(look, (seen) => seen.result === seen.wanted, {
      since,
      timeoutMs: context.timeoutMs,
    });
    const { result, wanted } = value;
    const outcome = { area: 'lake', input, result, latencyMs } as const;
    return result === wanted ? outcome : { ...outcome, expected: wanted };
  };
  try {
    return await Promise.all([
      ...expected.map((entry) =>
        check(`changes of ${entry.table}, by DuckDB`, () =>
          lookAtChanges(lake, context.tenant, entry),
        ),
      ),
      check('archive of events, by DuckDB', () => lookAtArchive(lake, context.tenant, events)),
    ]);
  } finally {
    await lake.close();
  }
}

async function lookAtChanges(
  lake: LakeCopy,
  tenant: string,
  { table, keyColumn, stateColumn, rows }: ExpectedRows,
): Promise<Seen> {
  const changes: Dataset = { bucket: 'lake', prefix: `changes/table=${table}/` };
  await lake.refresh(changes);
  const own = `tenant = '${tenant}'`;
  const newest = await lake.query(
    changes,
    (
      from,
    ) => `select ${keyColumn} as key, arg_max(${stateColumn}, sequence) as state, arg_max(op, sequence) as op
               from ${from} where ${own} group by ${keyColumn}`,
  );
  const [counts] = await lake.query(
    changes,
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

/** Lines of logs lie elsewhere, and only those that a rule keeps. */
async function lookAtArchive(
  lake: LakeCopy,
  tenant: string,
  events: readonly MillraceEvent[],
): Promise<Seen> {
  const wanted = new Map<string, number>();
  for (const { type } of events) {
    const [, name = ''] = type.split('.');
    if (name !== 'log') wanted.set(name, (wanted.get(name) ?? 0) + 1);
  }
  let once = 0;
  let doubled = 0;
  for (const name of wanted.keys()) {
    const archive: Dataset = { bucket: 'archive', prefix: `events/type=${name}/tenant=${tenant}/` };
    await lake.refresh(archive);
    const [counts] = await lake.query(
      archive,
      (from) => `select count(*) as n, count(distinct row_id) as d from ${from}`,
    );
    once += Number(counts?.d ?? 0);
    doubled += Number(counts?.n ?? 0) - Number(counts?.d ?? 0);
  }
  const all = [...wanted.values()].reduce((sum, count) => sum + count, 0);
  return {
    result: `${once} events of ${wanted.size} types, ${doubled} rows doubled`,
    wanted: `${all} events of ${wanted.size} types, 0 rows doubled`,
  };
}
