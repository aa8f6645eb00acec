import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addRows, type Row } from '@millrace/lake';
import { parquetFormat } from '@millrace/lake/parquet';
import {
  commitTable,
  DEFAULT_SETTINGS,
  latestManifest,
  type TableLayout,
} from '@millrace/lake/table';
import { memoryLakeObjects } from '@millrace/lake/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askLake } from '../src/lake/ask-lake.ts';
import type { Dataset } from '../src/lake/datasets.ts';
import { openFileCache } from '../src/lake/file-cache.ts';
import { answerCsv, answerJson, answerTable } from '../src/lake/print-answer.ts';

const layout: TableLayout = {
  table: 'orders',
  columns: [
    { name: 'change_id', type: 'string' },
    { name: 'op', type: 'string' },
    { name: 'sequence', type: 'string' },
    { name: 'changed_at', type: 'timestamp' },
    { name: 'order_id', type: 'string' },
    { name: 'total', type: 'int64' },
  ],
  ...{ id: 'change_id', order: 'sequence', key: ['order_id'], time: 'changed_at', op: 'op' },
  ...{ ends: ['REMOVE'], onlyOfChanges: ['op'] },
};

function row(n: number, orderId: string, op: string): Row {
  const changed_at = new Date(Date.UTC(2026, 10, 23, 9, n));
  const sequence = String(n).padStart(4, '0');
  return { change_id: `c${n}`, op, sequence, changed_at, order_id: orderId, total: 2n ** 53n + 1n };
}

const HISTORY = [
  ...[row(0, '주문 1', 'INSERT'), row(1, 'b', 'INSERT'), row(2, 'b', 'REMOVE')],
  ...[row(3, 'c "x", y', 'INSERT'), row(4, '주문 1', 'MODIFY')],
];

let folder: string;
let datasets: Dataset[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-lake-test-'));
  const store = memoryLakeObjects().objects;
  const lake = { objects: store, format: parquetFormat, pause: async () => {} };
  await addRows('changes/table=orders/dt=2026-11-23/0900-0.parquet', layout, HISTORY, lake);
  const time = { now: () => Date.UTC(2026, 10, 23, 10), hasTimeLeft: () => true };
  await commitTable({ store, format: parquetFormat, layout, settings: DEFAULT_SETTINGS, ...time });
  const manifest = await latestManifest(store, 'orders');
  if (!manifest) throw new Error('There is no commit.');
  const live = manifest.current.flatMap((segment) => segment.live ?? []);
  const columns = manifest.columns;
  datasets = [
    { name: 'changes_orders', store, columns, files: async () => manifest.changes },
    { name: 'orders', store, columns, files: async () => live },
    { name: 'nothing', store, columns, files: async () => [] },
  ];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function ask(sql: string, { limit = 100, mostBytes = 1e9 } = {}) {
  return await askLake(sql, datasets, await openFileCache(folder, mostBytes, 'local'), limit);
}

describe('a question to the lake', () => {
  it('reads the current state and the changes of a table', async () => {
    const answer = await ask(
      `SELECT order_id, total, count(*) AS changes, max(changes_orders.changed_at)::VARCHAR AS last
         FROM orders JOIN changes_orders USING (order_id, total) GROUP BY ALL ORDER BY order_id`,
    );
    expect(answer.columns).toEqual(['order_id', 'total', 'changes', 'last']);
    expect(answer.rows).toEqual([
      ['c "x", y', '9007199254740993', '1', '2026-11-23 09:03:00'],
      ['주문 1', '9007199254740993', '2', '2026-11-23 09:04:00'],
    ]);
  });

  it('reads a table that is empty', async () => {
    expect((await ask('SELECT order_id FROM nothing')).rows).toEqual([]);
  });

  it('has as many rows as are wanted, and says that there are more', async () => {
    const { rows, isPartial } = await ask('SELECT * FROM changes_orders', { limit: 2 });
    expect({ rows: rows.length, isPartial }).toEqual({ rows: 2, isPartial: true });
  });

  it.each([
    [`COPY (SELECT 1) TO '/tmp/x.csv'`],
    [`ATTACH '/tmp/x.db'`],
    ['INSTALL httpfs'],
    ['LOAD httpfs'],
    ['CREATE TABLE t AS SELECT 1'],
    ['SET enable_external_access = true'],
    ['PRAGMA enable_profiling'],
    ['SELECT 1; SELECT 2'],
    [`SELECT * FROM read_text('/etc/hostname')`],
    [`SELECT * FROM read_csv('/etc/hostname')`],
    [`SELECT * FROM glob('/etc/*')`],
    [`SELECT * FROM read_parquet('https://example.com/x.parquet')`],
    ['SELECT nothing_such FROM orders'],
    ['SELEC 1'],
  ])('is refused if it is anything but that: %s', async (sql) => {
    await expect(ask(sql)).rejects.toMatchObject({ code: 'LAKE_QUERY_FAILED' });
  });

  it('is refused when its files are more than there is room for', async () => {
    const asked = ask('SELECT * FROM changes_orders', { mostBytes: 100 });
    await expect(asked).rejects.toMatchObject({ code: 'LAKE_CACHE_TOO_SMALL' });
  });
});

describe('the cache', () => {
  it('fetches only files of what is asked for, and each once', async () => {
    await ask('SELECT * FROM orders');
    expect(await readdir(folder)).toHaveLength(1);
    const silent = { ...datasets[1]?.store, read: () => Promise.reject(new Error('read again')) };
    datasets = datasets.map((dataset) => ({ ...dataset, store: silent as Dataset['store'] }));
    expect((await ask('SELECT * FROM orders')).rows).toHaveLength(2);
  });

  it('forgets what was used longest ago, when there is more than room for', async () => {
    await ask('SELECT * FROM orders');
    const [old] = await readdir(folder);
    const [file] = await (datasets[0]?.files() ?? []);
    await ask('SELECT * FROM changes_orders', { mostBytes: (file?.bytes ?? 0) + 1 });
    expect(await readdir(folder)).toHaveLength(1);
    expect(await readdir(folder)).not.toContain(old);
  });
});

describe('an answer', () => {
  const wanted = `SELECT order_id, total, NULL AS none, '' AS empty FROM orders ORDER BY order_id`;

  it('is printed as a table, wide characters in line', async () => {
    expect(answerTable(await ask(wanted))).toEqual([
      'order_id             total  none  empty',
      'c "x", y  9007199254740993',
      '주문 1    9007199254740993',
    ]);
  });
  it('is JSON with all digits', async () => {
    expect(JSON.parse(answerJson(await ask(wanted)))).toEqual(
      ['c "x", y', '주문 1'].map((order_id) => ({
        ...{ order_id, total: '9007199254740993', none: null, empty: '' },
      })),
    );
  });
  it('is CSV', async () => {
    expect(answerCsv(await ask(wanted))).toBe(
      'order_id,total,none,empty\r\n"c ""x"", y",9007199254740993,,""\r\n주문 1,9007199254740993,,""\r\n',
    );
  });
});

describe('millrace lake', () => {
  async function run(...args: string[]) {
    const program = join(import.meta.dirname, '../src/main.ts');
    const env = { ...process.env, NO_COLOR: '1', MILLRACE_EDGE_PORT: '1' };
    const child = spawn(process.execPath, [program, 'lake', ...args], {
      ...{ env, stdio: ['ignore', 'ignore', 'pipe'] },
    });
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const [code] = await once(child, 'close');
    return { code, stderr };
  }
  it.each([
    [['select', '1']],
    [['select 1', '--limit', '0']],
    [['select 1', '--json', '--csv']],
    [['--csv']],
    [['--unknown']],
  ])('ends with 2 and says how it is used when it is called like this: %s', async (args) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^millrace: .+ \[USAGE\]\nUsage: millrace lake .+\n$/);
  });
  it('ends with 3 and one line when nothing answers', async () => {
    const { code, stderr } = await run('select 1');
    expect(code).toBe(3);
    expect(stderr).toMatch(/^millrace: The lake cannot be reached .+ \[LAKE_UNREACHABLE\]\n$/);
  });
});
