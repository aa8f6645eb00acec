import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { FileIdentity } from '../domain/file-identity.ts';
import type { Derivatives } from '../domain/ports.ts';
import {
  derivedPrefix,
  LAKE_PREFIX,
  lakePrefix,
  orderOfDerived,
  orderOfRows,
} from './derived-key.ts';
import { isNoBucket } from './s3-errors.ts';

export function s3Derivatives(
  client: S3Client,
  buckets: {
    /** All that hold derived objects by file. */
    readonly byFile: readonly string[];
    readonly lake: string;
  },
): Derivatives {
  async function removeFrom(
    Bucket: string,
    Prefix: string,
    matches: (key: string) => boolean,
  ): Promise<void> {
    for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
      const stale = (page.Contents ?? []).flatMap(({ Key }) =>
        Key !== undefined && matches(Key) ? [Key] : [],
      );
      await Promise.all(stale.map((Key) => client.send(new DeleteObjectCommand({ Bucket, Key }))));
    }
  }

  /** Few: a table per dataset and per form of logs. */
  async function lakeTables(): Promise<string[]> {
    try {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket: buckets.lake, Prefix: LAKE_PREFIX, Delimiter: '/' }),
      );
      return (page.CommonPrefixes ?? []).flatMap(({ Prefix }) => Prefix?.split('/')[1] ?? []);
    } catch (error) {
      // The lake comes with the service etl: without it nothing has been collected.
      if (isNoBucket(error)) return [];
      throw error;
    }
  }

  async function removeAll(
    file: FileIdentity,
    isStale: (order: string, key: string) => boolean,
  ): Promise<void> {
    const prefix = derivedPrefix(file);
    const tables = await lakeTables();
    await Promise.all([
      ...buckets.byFile.map((bucket) =>
        removeFrom(bucket, prefix, (key) => isStale(orderOfDerived(key), key)),
      ),
      ...tables.map((table) =>
        removeFrom(buckets.lake, lakePrefix(table, file), (key) => isStale(orderOfRows(key), key)),
      ),
    ]);
  }

  return {
    remove: removeAll,
    prune: (file, { order: mine }, kept) =>
      removeAll(file, (order, key) => order === mine && !kept.has(key)),
  };
}
