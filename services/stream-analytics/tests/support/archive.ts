import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { queryLake } from '@millrace/lake/testing';

export const ARCHIVE = 'millrace-local-archive';

export async function archivedKeys(client: S3Client, prefix = ''): Promise<string[]> {
  const keys: string[] = [];
  const list = { Bucket: ARCHIVE, Prefix: prefix };
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, list)) {
    keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
  }
  return keys;
}

/** What DuckDB finds in the archive; nothing while there is none. `sql` reads from `lake`. */
export async function queryArchive(client: S3Client, sql: string, prefix = '') {
  const files: Uint8Array[] = [];
  for (const Key of await archivedKeys(client, prefix)) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: ARCHIVE, Key }));
    files.push((await Body?.transformToByteArray()) ?? new Uint8Array());
  }
  return files.length === 0 ? [] : await queryLake(files, sql);
}
