import type { SQLInputValue } from 'node:sqlite';
import type { CloudState } from '../state.ts';
import type { Checksum } from './checksums.ts';
import type { Segment } from './content-store.ts';

/** The version id of objects that were stored while versioning was off or suspended. */
export const NULL_VERSION = 'null';

/** What the sender said about the object: response headers by lower-case name. */
export type Attributes = Readonly<Record<string, string>>;

/** A version of an object, or a delete marker. */
export interface Version {
  readonly seq: number;
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly isDeleteMarker: boolean;
  /** Milliseconds since the epoch. */
  readonly modified: number;
  readonly size: number;
  /** Without quotes; empty for a delete marker. */
  readonly etag: string;
  readonly attributes: Attributes;
  readonly tags: Readonly<Record<string, string>>;
  readonly checksum: Checksum | undefined;
  readonly segments: readonly Segment[];
}

interface VersionRow {
  seq: number;
  bucket: string;
  key: Uint8Array;
  version_id: string;
  latest: number;
  delete_marker: number;
  modified: number;
  size: number;
  etag: string;
  attributes: string;
  tags: string;
  checksum: string | null;
  segments: string;
}

/** Where a scan starts and ends; keys are compared by their UTF-8 bytes. */
export interface KeyRange {
  readonly from: Uint8Array;
  readonly isFromIncluded: boolean;
  /** Not included; missing = to the end. */
  readonly to: Uint8Array | undefined;
  /** Continues inside the versions of the key `from`: only those older than this. */
  readonly olderThan?: number;
}

export interface VersionTable {
  latest(bucket: string, key: string): Version | undefined;
  byId(bucket: string, key: string, versionId: string): Version | undefined;
  /** Current objects in key order; delete markers are left out. */
  scanLatest(bucket: string, range: KeyRange): Iterable<Version>;
  /** All versions in key order, newest first within a key. */
  scanAll(bucket: string, range: KeyRange): Iterable<Version>;
  isEmpty(bucket: string): boolean;
  /** Whether the key has a version that is older than this one. */
  hasOlder(version: Version): boolean;
  /** Since when the version is noncurrent, and how many newer noncurrent ones there are (at most 100). */
  newerThan(version: Version): { since: number; newer: number } | undefined;
  /** Adds a version as the latest of its key. */
  add(version: Omit<Version, 'isLatest'>): void;
  /** Removes a version; the newest of those that are left becomes the latest. */
  remove(version: Version): void;
  setTags(version: Version, tags: Readonly<Record<string, string>>): void;
  /** The names of all content files. */
  files(): Iterable<string>;
}

/** No lifecycle rule keeps more noncurrent versions. */
const MAX_COUNTED = 100;

export function createVersionTable({ db }: CloudState): VersionTable {
  const latest = db.prepare(
    'SELECT * FROM s3_versions WHERE bucket = ? AND key = ? AND latest = 1',
  );
  const byId = db.prepare(
    'SELECT * FROM s3_versions WHERE bucket = ? AND key = ? AND version_id = ?',
  );
  const anyOne = db.prepare('SELECT 1 FROM s3_versions WHERE bucket = ? LIMIT 1');
  const older = db.prepare(
    'SELECT 1 FROM s3_versions WHERE bucket = ? AND key = ? AND seq < ? LIMIT 1',
  );
  const successor = db.prepare(
    'SELECT modified FROM s3_versions WHERE bucket = ? AND key = ? AND seq > ? ORDER BY seq LIMIT 1',
  );
  const newerNoncurrent = db.prepare(
    `SELECT count(*) AS newer FROM (SELECT 1 FROM s3_versions
       WHERE bucket = ? AND key = ? AND seq > ? AND latest = 0 LIMIT ${MAX_COUNTED})`,
  );
  const demote = db.prepare(
    'UPDATE s3_versions SET latest = 0 WHERE bucket = ? AND key = ? AND latest = 1',
  );
  const promote = db.prepare(
    `UPDATE s3_versions SET latest = 1 WHERE seq =
       (SELECT seq FROM s3_versions WHERE bucket = ? AND key = ? ORDER BY seq DESC LIMIT 1)`,
  );
  const insert = db.prepare(
    `INSERT INTO s3_versions (seq, bucket, key, version_id, latest, delete_marker, modified, size,
       etag, attributes, tags, checksum, segments) VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const remove = db.prepare('DELETE FROM s3_versions WHERE seq = ?');
  const setTags = db.prepare('UPDATE s3_versions SET tags = ? WHERE seq = ?');
  const segments = db.prepare(
    `SELECT json_extract(segment.value, '$.file') AS file
       FROM s3_versions, json_each(s3_versions.segments) AS segment`,
  );

  function* scan(
    bucket: string,
    { from, isFromIncluded, to, olderThan }: KeyRange,
    { filter, order }: { filter: string; order: string },
  ): Generator<Version> {
    const lower =
      olderThan === undefined
        ? `key ${isFromIncluded ? '>=' : '>'} :from`
        : 'key >= :from AND (key > :from OR seq < :olderThan)';
    const sql = `SELECT * FROM s3_versions WHERE bucket = :bucket AND ${lower}
      ${to ? 'AND key < :to' : ''} ${filter} ORDER BY ${order}`;
    const parameters: Record<string, SQLInputValue> = { bucket, from };
    if (to) parameters.to = to;
    if (olderThan !== undefined) parameters.olderThan = olderThan;
    for (const row of db.prepare(sql).iterate(parameters)) {
      yield toVersion(row as unknown as VersionRow);
    }
  }

  return {
    latest: (bucket, key) => optional(latest.get(bucket, Buffer.from(key))),
    byId: (bucket, key, id) => optional(byId.get(bucket, Buffer.from(key), id)),
    scanLatest: (bucket, range) =>
      scan(bucket, range, { filter: 'AND latest = 1 AND delete_marker = 0', order: 'key' }),
    scanAll: (bucket, range) => scan(bucket, range, { filter: '', order: 'key, seq DESC' }),
    isEmpty: (bucket) => anyOne.get(bucket) === undefined,
    hasOlder: ({ bucket, key, seq }) => older.get(bucket, Buffer.from(key), seq) !== undefined,
    newerThan({ bucket, key, seq }) {
      const place = [bucket, Buffer.from(key), seq] as const;
      const next = successor.get(...place);
      if (!next) return undefined;
      const newer = Number(newerNoncurrent.get(...place)?.newer);
      return { since: Number(next.modified), newer };
    },
    add(version) {
      const key = Buffer.from(version.key);
      demote.run(version.bucket, key);
      insert.run(
        version.seq,
        version.bucket,
        key,
        version.versionId,
        version.isDeleteMarker ? 1 : 0,
        version.modified,
        version.size,
        version.etag,
        JSON.stringify(version.attributes),
        JSON.stringify(version.tags),
        version.checksum ? JSON.stringify(version.checksum) : null,
        JSON.stringify(version.segments),
      );
    },
    remove(version) {
      remove.run(version.seq);
      if (version.isLatest) promote.run(version.bucket, Buffer.from(version.key));
    },
    setTags: (version, tags) => {
      setTags.run(JSON.stringify(tags), version.seq);
    },
    *files() {
      for (const row of segments.iterate()) yield String(row.file);
    },
  };
}

function optional(row: unknown): Version | undefined {
  return row === undefined ? undefined : toVersion(row as VersionRow);
}

function toVersion(row: VersionRow): Version {
  return {
    seq: row.seq,
    bucket: row.bucket,
    key: Buffer.from(row.key).toString(),
    versionId: row.version_id,
    isLatest: row.latest === 1,
    isDeleteMarker: row.delete_marker === 1,
    modified: row.modified,
    size: row.size,
    etag: row.etag,
    attributes: JSON.parse(row.attributes),
    tags: JSON.parse(row.tags),
    checksum: row.checksum === null ? undefined : JSON.parse(row.checksum),
    segments: JSON.parse(row.segments),
  };
}
