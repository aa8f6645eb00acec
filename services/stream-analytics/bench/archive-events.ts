/**
 * What adding to the archive takes: rows into one minute's object, batch by batch, as a busy shard
 * does. `pnpm bench:archive [rows] [bytes per row]`, in this folder; prints times, sizes and memory.
 */
import { addRows, ClosedObjects } from '@millrace/lake';
import { parquetFormat } from '@millrace/lake/parquet';
import { memoryLakeObjects } from '@millrace/lake/testing';
import type { MillraceEvent } from '@millrace/types';
import { archiveRow } from '../src/domain/archive/archive-row.ts';
import { LAYOUTS } from '../src/domain/archive/layouts.ts';

const [rows = 60_000, bytes = 1_000] = process.argv.slice(2).map(Number);
/** What Lambda hands over at most is 6 MB, a third of it base64. */
const BATCH = Math.max(1, Math.floor(4_500_000 / bytes));
const KEY = 'events/type=post/tenant=acme/dt=2026-11-23/0941-0.parquet';
const words = Array.from({ length: 2_000 }, (_, n) => ((n * 2_654_435_761) % 2 ** 32).toString(36));

function post(n: number): MillraceEvent {
  let text = `${n}`;
  for (let at = n; text.length < bytes - 150; at = (at * 69_069 + 12_345) % 2 ** 31) {
    text += ` ${words[at % words.length]}`;
  }
  const time = new Date(Date.parse('2026-11-23T09:41:00Z') + (n % 60_000)).toISOString();
  return {
    ...{ specversion: '1.0', id: `post-${n}`, source: '/bench', type: 'millrace.post.v1', time },
    data: { author: `author-${n % 1_000}`, text, lang: 'en' },
  };
}

const store = memoryLakeObjects();
const lake = {
  ...{ objects: store.objects, format: parquetFormat },
  ...{ pause: async () => {}, closed: new ClosedObjects() },
};
let peak = 0;
let cleansing = 0;
let longest = 0;
const start = performance.now();
for (let at = 0; at < rows; at += BATCH) {
  const began = performance.now();
  const batch = Array.from({ length: Math.min(BATCH, rows - at) }, (_, n) => {
    const archived = archiveRow({ tenant: 'acme', event: post(at + n) }, (_tenant, text) => text);
    if (archived.kind !== 'row') throw new Error('a post is a row');
    return archived.row;
  });
  cleansing += performance.now() - began;
  await addRows(KEY, LAYOUTS['millrace.post.v1'], batch, lake);
  longest = Math.max(longest, performance.now() - began);
  peak = Math.max(peak, process.memoryUsage.rss());
}
const seconds = (performance.now() - start) / 1000;
const stored = store.keys().reduce((sum, key) => sum + store.bytes(key).length, 0);
console.log({
  rows,
  batch: BATCH,
  objects: store.keys().length,
  storedMB: Math.round(stored / 1e6),
  seconds: Math.round(seconds * 10) / 10,
  rowsPerSecond: Math.round(rows / seconds),
  cleansingRowsPerSecond: Math.round((rows / cleansing) * 1000),
  longestBatchMs: Math.round(longest),
  peakMB: Math.round(peak / 1e6),
});
