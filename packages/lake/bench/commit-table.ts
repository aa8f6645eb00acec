/**
 * Rows a second of the table's files over the writer of Parquet alone, and of taking an intake into
 * commits, with its peak memory. `pnpm bench:table [--rows 10000000]` (default 200,000).
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { zstdCompressSync } from 'node:zlib';
import type { Row } from '@millrace/lake';
import { parquetFormat } from '@millrace/lake/parquet';
import {
  commitTable,
  DEFAULT_SETTINGS,
  latestManifest,
  type TableLayout,
} from '@millrace/lake/table';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { columnDataOf } from '../src/parquet-columns.ts';
import { ParquetFileWriter } from '../src/table/parquet-file.ts';
import { changeKey } from '../src/table/table-layout.ts';
import { folderStore } from './folder-store.ts';

const layout: TableLayout = {
  table: 'orders',
  columns: [
    { name: 'change_id', type: 'string' },
    { name: 'op', type: 'string' },
    { name: 'expired', type: 'boolean' },
    { name: 'sequence', type: 'string' },
    { name: 'changed_at', type: 'timestamp' },
    { name: 'tenant', type: 'string' },
    { name: 'order_id', type: 'string' },
    { name: 'status', type: 'string' },
    { name: 'total', type: 'int64' },
    { name: 'new_image', type: 'string' },
  ],
  ...{ id: 'change_id', order: 'sequence', key: ['tenant', 'order_id'], time: 'changed_at' },
  ...{ op: 'op', ends: ['REMOVE'], onlyOfChanges: ['op', 'expired'] },
};
const START = Date.UTC(2026, 10, 23);
/** Of one minute of the intake. */
const SLOT_ROWS = 7_000;
/** Changes of an item, on average. */
const CHANGES_PER_ITEM = 4;

function row(n: number, items: number): Row {
  const orderId = `order-${(n * 7919) % items}`;
  const status = ['placed', 'paid', 'shipped'][n % 3] ?? 'placed';
  const total = BigInt((n * 31) % 100_000);
  return {
    change_id: `${(n * 2_654_435_761) % 4_294_967_296}-${n}`,
    ...{ op: n % 50 === 49 ? 'REMOVE' : 'MODIFY', expired: false },
    sequence: String(n).padStart(40, '0'),
    changed_at: new Date(START + Math.floor(n / SLOT_ROWS) * 60_000 + (n % 60) * 1000),
    ...{ tenant: `tenant-${n % 40}`, order_id: orderId, status, total },
    new_image: `{"orderId":"${orderId}","status":"${status}","total":${total},"customerId":"customer-${n % 9973}","lines":[{"sku":"sku-${n % 811}","quantity":${n % 7},"unitPrice":${n % 5003}}]}`,
  };
}

async function makeIntake(folder: string, count: number): Promise<void> {
  const store = folderStore(folder);
  const items = Math.max(1, Math.floor(count / CHANGES_PER_ITEM));
  for (let at = 0; at < count; at += SLOT_ROWS) {
    const rows = Array.from({ length: Math.min(SLOT_ROWS, count - at) }, (_, n) =>
      row(at + n, items),
    );
    const minute = new Date(START + (at / SLOT_ROWS) * 60_000).toISOString();
    const name = `dt=${minute.slice(0, 10)}/${minute.slice(11, 16).replace(':', '')}-0.parquet`;
    await store.swap(`changes/table=orders/${name}`, parquetFormat.encode(layout, rows), undefined);
  }
}

async function commitIntake(folder: string): Promise<void> {
  const started = performance.now();
  const committed = await commitTable({
    ...{ store: folderStore(folder), format: parquetFormat, layout, settings: DEFAULT_SETTINGS },
    now: () => START + 40 * 24 * 3_600_000,
    hasTimeLeft: () => true,
  });
  const seconds = (performance.now() - started) / 1000;
  const manifest = await latestManifest(folderStore(folder), 'orders');
  const files = manifest?.changes ?? [];
  const live = manifest?.current.flatMap((segment) => segment.live ?? []) ?? [];
  const sum = (some: readonly { rows: number }[]) => some.reduce((all, { rows }) => all + rows, 0);
  console.log(
    `taken in                 ${sum(files)} rows in ${committed.commits} commits, ${seconds.toFixed(1)} s`,
  );
  console.log(
    `commits                  ${Math.round(committed.rows / seconds)} rows/s, changes and current`,
  );
  console.log(`files of changes         ${files.length}, ${megabytes(files)} MB`);
  console.log(
    `current                  ${sum(live)} rows, ${live.length} files, ${megabytes(live)} MB`,
  );
  console.log(`peak memory              ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
}

const megabytes = (files: readonly { bytes: number }[]) =>
  (files.reduce((all, { bytes }) => all + bytes, 0) / 1e6).toFixed(1);

/** The same rows through the writer alone, as columns, and through a file of a table, row by row. */
async function compareWriters(): Promise<void> {
  const rows = Array.from({ length: 50_000 }, (_, n) => row(n, 12_500));
  const alone = () => {
    const columnData = columnDataOf(layout.columns, rows);
    const compressors = { ZSTD: (bytes: Uint8Array) => zstdCompressSync(bytes) };
    parquetWriteBuffer({ columnData, codec: 'ZSTD', compressors });
  };
  const nowhere = { write: async () => {}, finish: async () => {}, abort: async () => {} };
  const ours = async () => {
    const options = { keyOf: changeKey(layout), targetBytes: DEFAULT_SETTINGS.targetBytes };
    const file = new ParquetFileWriter({ create: () => nowhere }, 'x', layout.columns, options);
    for (const one of rows) await file.add(one);
    await file.finish();
  };
  const best = async (run: () => unknown) => {
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 5; round += 1) {
      const started = performance.now();
      await run();
      least = Math.min(least, performance.now() - started);
    }
    return (rows.length / least) * 1000;
  };
  const [writer, path] = [await best(alone), await best(ours)];
  console.log(`writer alone             ${Math.round(writer)} rows/s`);
  console.log(`file of a table          ${Math.round(path)} rows/s`);
  console.log(`ratio                    ${(path / writer).toFixed(2)}`);
}

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    phase: { type: 'string' },
    folder: { type: 'string' },
  },
});
if (values.phase === 'make') await makeIntake(values.folder ?? '', Number(values.rows));
else if (values.phase === 'commit') await commitIntake(values.folder ?? '');
else {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  try {
    await compareWriters();
    // In processes of their own, so that the peak is that of the commits alone.
    for (const phase of ['make', 'commit']) {
      const args = [
        import.meta.filename,
        '--phase',
        phase,
        '--folder',
        folder,
        '--rows',
        values.rows,
      ];
      spawnSync(process.execPath, args, { stdio: 'inherit' });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
