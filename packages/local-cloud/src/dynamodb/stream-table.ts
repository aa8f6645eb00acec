import { DatabaseSync } from 'node:sqlite';
import type { MovableClock } from '../movable-clock.ts';
import { arrivalSecond } from './arrival-second.ts';
import type { Image, ItemChange } from './item-change.ts';

/** The stream of a table as the engine describes it. */
export interface TableStream {
  /** What ends the stream's ARN; another one after the stream was switched on again. */
  readonly label: string | undefined;
  readonly viewType: string;
  readonly isEnabled: boolean;
  readonly shardId: string;
}

/** The streams in the DynamoDB engine's file. Synchronous, and answers in some 0.1 ms. */
export interface StreamTable {
  /** `undefined` while there is no such table. */
  describe(table: string): TableStream | undefined;
  /**
   * What changed after the sequence number `after` ('0': from the beginning), in order: at most
   * `limit` changes or some 10 MB. `last` is where reading goes on; `after` itself: there is no more.
   *
   * @throws Error when there is no such table, or when SQLite cannot read now
   */
  read(table: string, after: string, limit: number): { changes: ItemChange[]; last: string };
  /** The last sequence number of the table; `undefined` if nothing was written yet. */
  last(table: string): string | undefined;
  close(): void;
}

/** What one read brings at most; one change has two images of 400 KB. */
const PAGE_BYTES = 10 * 1024 * 1024;

interface TableRow {
  readonly created_at: number;
  readonly stream_enabled: number;
  readonly stream_view_type: string | null;
  readonly stream_label: string | null;
}

interface ChangeRow {
  readonly sequence_number: string;
  readonly event_name: string;
  readonly created_at: number;
  readonly keys_json: string;
  readonly new_image: string | null;
  readonly old_image: string | null;
  readonly user_identity: string | null;
}

/**
 * The engine looks for the highest sequence number of the table at each write, and for the records
 * after one at each read; without an index both look at every record that was ever written.
 */
const INDEX = `CREATE INDEX IF NOT EXISTS millrace_stream_order
  ON _stream_records (table_name, CAST(sequence_number AS INTEGER))`;

/**
 * Opens the database file of a dynoxide engine (1.2) beside the running engine. A table has one shard
 * for ever, in which sequence numbers count from 1, as text; the images are as the view type was when
 * they were written, in the JSON of the wire; times are whole seconds of the machine's clock; nothing
 * is ever removed, nor are the records of a table that is deleted.
 */
export function openStreamTable(file: string, clock: MovableClock): StreamTable {
  const db = new DatabaseSync(file);
  // A schema change waits for the engine's write, as the engine waits for ours.
  db.exec('PRAGMA busy_timeout = 5000');
  db.exec(INDEX);
  const tables = db.prepare(`SELECT created_at, stream_enabled, stream_view_type, stream_label
    FROM _tables WHERE table_name = ?`);
  const following = db.prepare(`SELECT sequence_number, event_name, created_at, keys_json,
      new_image, old_image, user_identity
    FROM _stream_records
    WHERE table_name = ? AND CAST(sequence_number AS INTEGER) > CAST(? AS INTEGER)
    ORDER BY CAST(sequence_number AS INTEGER)`);
  const highest = db.prepare(`SELECT MAX(CAST(sequence_number AS INTEGER)) AS last
    FROM _stream_records WHERE table_name = ?`);
  const find = (table: string) => tables.get(table) as TableRow | undefined;

  return {
    describe(table) {
      const row = find(table);
      return row && toStream(table, row);
    },

    read(table, after, limit) {
      const row = find(table);
      if (!row) throw new TableGoneError(`There is no table ${table}.`);
      const { viewType } = toStream(table, row);
      const changes: ItemChange[] = [];
      let last = after;
      let bytes = 0;
      for (const found of following.iterate(table, after)) {
        const change = found as unknown as ChangeRow;
        last = change.sequence_number;
        // Of an earlier table of this name.
        if (change.created_at < row.created_at) continue;
        changes.push(toChange(change, viewType, arrivalSecond(clock, change.created_at)));
        bytes += sizeOf(change);
        if (changes.length >= limit || bytes >= PAGE_BYTES) break;
      }
      return { changes, last };
    },

    last(table) {
      const last = highest.get(table)?.last;
      return last === null || last === undefined ? undefined : String(last);
    },

    close: () => db.close(),
  };
}

class TableGoneError extends Error {
  override readonly name = 'ResourceNotFoundException';
}

function toStream(table: string, row: TableRow): TableStream {
  return {
    label: row.stream_label ?? undefined,
    viewType: row.stream_view_type ?? 'NEW_AND_OLD_IMAGES',
    isEnabled: row.stream_enabled === 1,
    shardId: `shardId-00000001-${table}`,
  };
}

function toChange(row: ChangeRow, viewType: string, createdAt: number): ItemChange {
  return {
    sequenceNumber: row.sequence_number,
    eventName: row.event_name,
    createdAt,
    keys: parse(row.keys_json) ?? {},
    newImage: parse(row.new_image),
    oldImage: parse(row.old_image),
    sizeBytes: sizeOf(row),
    viewType,
    userIdentity: row.user_identity === null ? undefined : JSON.parse(row.user_identity),
  };
}

/** As the engine tells it: of the JSON. */
function sizeOf({ keys_json, new_image, old_image }: ChangeRow): number {
  const texts = [keys_json, new_image ?? '', old_image ?? ''];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

const parse = (json: string | null): Image | undefined =>
  json === null ? undefined : (JSON.parse(json) as Image);
