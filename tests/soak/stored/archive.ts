import { zstdDecompressSync } from 'node:zlib';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { parquetReadObjects } from 'hyparquet';
import type { Totals } from '../expected/totals.ts';

const Bucket = 'millrace-local-archive';

/**
 * Adds the rows of the archive by tenant and type. Which object a row is in follows from the event, so
 * a row that is there twice would be twice in its object.
 *
 * @returns rows that are there twice
 */
export async function readArchive(s3: S3Client, totals: Totals): Promise<string[]> {
  const doubled: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket })) {
    for (const { Key = '' } of Contents) {
      const rows = await rowIdsOf(s3, Key);
      const [, type = 'log'] = /^events\/type=([^/]+)\//.exec(Key) ?? [];
      const [, tenant = ''] = /\/tenant=([^/]+)\//.exec(Key) ?? [];
      totals.add(`archive ${tenant} ${type}`, rows.length);
      const distinct = new Set(rows).size;
      if (distinct < rows.length) doubled.push(`${Key}: ${rows.length - distinct} rows twice`);
    }
  }
  return doubled;
}

async function rowIdsOf(s3: S3Client, Key: string): Promise<string[]> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
  const rows = await parquetReadObjects({
    file: bytes.slice().buffer,
    columns: ['row_id'],
    compressors: { ZSTD: (input) => zstdDecompressSync(input) },
  });
  return rows.map(({ row_id: id }) => String(id));
}
