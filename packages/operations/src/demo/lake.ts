import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DuckDBInstance } from '@duckdb/node-api';
import { edgeClientOptions, type Targets } from './targets.ts';

/** Parquet files below a prefix of one of the buckets (`lake`, `archive`). */
export interface Dataset {
  readonly bucket: 'lake' | 'archive';
  readonly prefix: string;
}

/** Parquet files, copied into a folder that DuckDB can read. */
export interface LakeCopy {
  /** Copies the files that have appeared since the last call. One call at a time per dataset. */
  refresh(dataset: Dataset): Promise<void>;
  /** Rows of a dataset, or none while there is no file yet. */
  query(dataset: Dataset, sql: (from: string) => string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function openLake(targets: Targets): Promise<LakeCopy> {
  const s3 = new S3Client(edgeClientOptions(targets));
  const folder = await mkdtemp(join(tmpdir(), 'millrace-lake-'));
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  const copied = new Map<string, string>();
  return {
    refresh: ({ bucket, prefix }) =>
      copyNewer(s3, `millrace-${targets.stage}-${bucket}`, prefix, folder, copied),
    async query({ prefix }, sql) {
      const files = [...copied].filter(([key]) => key.startsWith(prefix)).map(([, file]) => file);
      if (files.length === 0) return [];
      const list = files.map((file) => `'${file.replaceAll("'", "''")}'`).join(', ');
      const reader = await connection.runAndReadAll(
        sql(`read_parquet([${list}], union_by_name=true)`),
      );
      return reader.getRowObjectsJson();
    },
    async close() {
      connection.closeSync();
      database.closeSync();
      s3.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An object that has grown has another ETag and is copied again, also when it grows just now. */
async function copyNewer(
  s3: S3Client,
  bucket: string,
  prefix: string,
  folder: string,
  copied: Map<string, string>,
) {
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
    );
    for (const { Key, ETag } of page.Contents ?? []) {
      if (Key === undefined || ETag === undefined) continue;
      const fileOf = (eTag: string) => join(folder, `${eTag.replaceAll('"', '')}.parquet`);
      if (copied.get(Key) === fileOf(ETag)) continue;
      const read = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      const file = fileOf(read.ETag ?? ETag);
      await pipeline(read.Body as Readable, createWriteStream(file));
      copied.set(Key, file);
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
}
