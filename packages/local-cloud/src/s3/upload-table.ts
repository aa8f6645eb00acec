import type { CloudState } from '../state.ts';
import type { ChecksumAlgorithm, ChecksumType } from './checksums.ts';
import { S3Error } from './errors.ts';
import type { Attributes } from './version-table.ts';

/** A multipart upload that is under way, or was completed lately. */
export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiated: number;
  /** Orders the uploads of one key. */
  readonly seq: number;
  readonly attributes: Attributes;
  readonly tags: Readonly<Record<string, string>>;
  readonly algorithm: ChecksumAlgorithm;
  readonly checksumType: ChecksumType;
  /** The sender named the checksum, so its parts must carry it. */
  readonly isChecksumExplicit: boolean;
  /** What the completion answered: a repeated request gets the same. */
  readonly result: string | undefined;
}

export interface Part {
  readonly number: number;
  readonly file: string;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly modified: number;
  /** Base64, of the upload's algorithm. */
  readonly digest: string;
}

interface UploadRow {
  id: string;
  bucket: string;
  key: Uint8Array;
  initiated: number;
  seq: number;
  attributes: string;
  tags: string;
  algorithm: string;
  checksum_type: string;
  is_explicit: number;
  result: string | null;
}

export interface UploadTable {
  add(upload: Omit<Upload, 'result'>): void;
  find(bucket: string, key: string, id: string): Upload | undefined;
  /** @throws S3Error NoSuchUpload, also when the upload is completed */
  requireOpen(bucket: string, key: string, id: string): Upload;
  /** Uploads under way, by key and then by age. */
  scanOpen(bucket: string, from: Uint8Array, to: Uint8Array | undefined): Iterable<Upload>;
  parts(id: string): Part[];
  /** Stores a part; returns the file of the one that it replaces. */
  putPart(id: string, part: Part): string | undefined;
  /** Forgets the parts and keeps the answer for whoever asks again. */
  complete(id: string, result: string, now: number): void;
  /** Forgets the upload and its parts. */
  remove(id: string): void;
  /** Forgets the answers of uploads that were completed before `time`. */
  forgetCompleted(time: number): void;
  /** Ids of all uploads to a bucket, completed ones too. */
  idsOf(bucket: string): string[];
  /** The names of all content files. */
  files(): Iterable<string>;
}

export function createUploadTable({ db }: CloudState): UploadTable {
  const insert = db.prepare(
    `INSERT INTO s3_uploads (id, bucket, key, initiated, seq, attributes, tags, algorithm,
       checksum_type, is_explicit) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const select = db.prepare('SELECT * FROM s3_uploads WHERE id = ? AND bucket = ? AND key = ?');
  const scan = (upper: string) =>
    db.prepare(
      `SELECT * FROM s3_uploads WHERE bucket = ? AND key >= ? ${upper} AND completed IS NULL
         ORDER BY key, seq`,
    );
  const selectParts = db.prepare('SELECT * FROM s3_parts WHERE upload = ? ORDER BY number');
  const selectPart = db.prepare('SELECT file FROM s3_parts WHERE upload = ? AND number = ?');
  const upsertPart = db.prepare('INSERT OR REPLACE INTO s3_parts VALUES (?, ?, ?, ?, ?, ?, ?)');
  const deleteParts = db.prepare('DELETE FROM s3_parts WHERE upload = ?');
  const complete = db.prepare('UPDATE s3_uploads SET result = ?, completed = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM s3_uploads WHERE id = ?');
  const forget = db.prepare('DELETE FROM s3_uploads WHERE completed < ?');
  const ids = db.prepare('SELECT id FROM s3_uploads WHERE bucket = ?');
  const selectFiles = db.prepare('SELECT file FROM s3_parts');

  const find = (bucket: string, key: string, id: string) => {
    const row = select.get(id, bucket, Buffer.from(key));
    return row === undefined ? undefined : toUpload(row as unknown as UploadRow);
  };
  return {
    add(upload) {
      insert.run(
        upload.id,
        upload.bucket,
        Buffer.from(upload.key),
        upload.initiated,
        upload.seq,
        JSON.stringify(upload.attributes),
        JSON.stringify(upload.tags),
        upload.algorithm,
        upload.checksumType,
        upload.isChecksumExplicit ? 1 : 0,
      );
    },
    find,
    requireOpen(bucket, key, id) {
      const upload = find(bucket, key, id);
      if (upload && upload.result === undefined) return upload;
      throw new S3Error('NoSuchUpload', { details: { UploadId: id } });
    },
    *scanOpen(bucket, from, to) {
      const rows = to
        ? scan('AND key < ?').iterate(bucket, from, to)
        : scan('').iterate(bucket, from);
      for (const row of rows) yield toUpload(row as unknown as UploadRow);
    },
    parts: (id) => selectParts.all(id).map((row) => row as unknown as Part),
    putPart(id, { number, file, size, etag, modified, digest }) {
      const replaced = selectPart.get(id, number)?.file;
      upsertPart.run(id, number, file, size, etag, modified, digest);
      return replaced === undefined ? undefined : String(replaced);
    },
    complete(id, result, now) {
      deleteParts.run(id);
      complete.run(result, now, id);
    },
    remove(id) {
      deleteParts.run(id);
      remove.run(id);
    },
    forgetCompleted: (time) => {
      forget.run(time);
    },
    idsOf: (bucket) => ids.all(bucket).map(({ id }) => String(id)),
    *files() {
      for (const { file } of selectFiles.iterate()) yield String(file);
    },
  };
}

function toUpload(row: UploadRow): Upload {
  return {
    id: row.id,
    bucket: row.bucket,
    key: Buffer.from(row.key).toString(),
    initiated: row.initiated,
    seq: row.seq,
    attributes: JSON.parse(row.attributes),
    tags: JSON.parse(row.tags),
    algorithm: row.algorithm as ChecksumAlgorithm,
    checksumType: row.checksum_type as ChecksumType,
    isChecksumExplicit: row.is_explicit === 1,
    result: row.result ?? undefined,
  };
}
