import type { CloudState } from '../state.ts';
import { S3Error } from './errors.ts';
import type { LifecycleRule } from './lifecycle-rules.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html */
export interface CorsRule {
  readonly id?: string;
  /** `*` stands for any text, once per entry. */
  readonly allowedOrigins: readonly string[];
  readonly allowedMethods: readonly string[];
  readonly allowedHeaders?: readonly string[];
  readonly exposeHeaders?: readonly string[];
  readonly maxAgeSeconds?: number;
}

/** '' until versioning has been asked for once; it can only be suspended then, never undone. */
export type Versioning = '' | 'Enabled' | 'Suspended';

export interface Bucket {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly versioning: Versioning;
  readonly cors: readonly CorsRule[];
  readonly tags: Readonly<Record<string, string>>;
  readonly lifecycle: readonly LifecycleRule[];
}

interface BucketRow {
  name: string;
  created: number;
  versioning: string;
  cors: string;
  tags: string;
  lifecycle: string;
}

export interface BucketTable {
  find(name: string): Bucket | undefined;
  /** @throws S3Error NoSuchBucket */
  require(name: string): Bucket;
  list(): Bucket[];
  save(bucket: Bucket): void;
  remove(name: string): void;
}

export function createBucketTable({ db }: CloudState): BucketTable {
  const select = db.prepare('SELECT * FROM s3_buckets WHERE name = ?');
  const selectAll = db.prepare('SELECT * FROM s3_buckets ORDER BY name');
  const upsert = db.prepare(
    `INSERT INTO s3_buckets (name, created, versioning, cors, tags, lifecycle)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET versioning = excluded.versioning, cors = excluded.cors,
       tags = excluded.tags, lifecycle = excluded.lifecycle`,
  );
  const remove = db.prepare('DELETE FROM s3_buckets WHERE name = ?');
  const find = (name: string) => toBucket(select.get(name) as BucketRow | undefined);
  return {
    find,
    require(name) {
      const bucket = find(name);
      if (bucket) return bucket;
      throw new S3Error('NoSuchBucket', { details: { BucketName: name } });
    },
    list: () => selectAll.all().flatMap((row) => toBucket(row as unknown as BucketRow) ?? []),
    save: ({ name, created, versioning, cors, tags, lifecycle }) => {
      const texts = [cors, tags, lifecycle].map((part) => JSON.stringify(part));
      upsert.run(name, created, versioning, ...texts);
    },
    remove: (name) => {
      remove.run(name);
    },
  };
}

function toBucket(row: BucketRow | undefined): Bucket | undefined {
  if (!row) return undefined;
  return {
    name: row.name,
    created: row.created,
    versioning: row.versioning as Versioning,
    cors: JSON.parse(row.cors),
    tags: JSON.parse(row.tags),
    lifecycle: JSON.parse(row.lifecycle),
  };
}
