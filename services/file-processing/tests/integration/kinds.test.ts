import { gzipSync, zstdCompressSync } from 'node:zlib';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import type { FileItem } from '@millrace/types';
import { describe, expect, it } from 'vitest';
import { fileIdentity } from '../../src/domain/file-identity.ts';
import { parquetRows } from '../model/parquet-rows.ts';

const UPLOADS = 'millrace-local-uploads';

// The lake is etl's.
const stack = testStack('file-processing', 'etl');
const s3 = stack.client(S3Client);
const documents = DynamoDBDocumentClient.from(stack.client(DynamoDBClient));

async function processed(Key: string, Body: Uint8Array | string, ContentType?: string) {
  await s3.send(new PutObjectCommand({ Bucket: UPLOADS, Key, Body, ContentType }));
  const { tenant, fileId } = fileIdentity(UPLOADS, Key);
  const get = new GetCommand({
    TableName: 'millrace-local-files',
    Key: { tenant, fileId },
    ConsistentRead: true,
  });
  return await eventually(
    async () => (await documents.send(get)).Item as FileItem | undefined,
    (item): item is FileItem => item !== undefined && item.status !== 'processing',
  );
}

async function stored(item: FileItem, name: string): Promise<Buffer> {
  const rendition = item.renditions?.find((one) => one.name === name);
  expect(rendition, `rendition ${name}`).toBeDefined();
  const { bucket, key } = rendition ?? {};
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

async function rows(item: FileItem) {
  const { columns, rows: found } = await parquetRows(await stored(item, 'rows'));
  return found.map((row) =>
    Object.fromEntries(columns.map(({ name }, column) => [name, row[column]])),
  );
}

describe('each kind goes to its processor', () => {
  it('a document: its text, language and title', async () => {
    const text =
      '# 정산 안내\n\n결제를 마친 뒤 영수증을 확인해 주세요. 결제는 하루 뒤에 정산됩니다.\n';
    const item = await processed('docs/안내.md', text, 'text/markdown');
    expect(item).toMatchObject({
      status: 'ready',
      kind: 'document',
      document: { format: 'markdown', title: '정산 안내', language: 'ko' },
    });
    expect((await stored(item, 'text')).toString()).toContain('결제를 마친 뒤');
  });

  it('a log: rows in the lake, counts, and the lines that nobody knows', async () => {
    const line = (path: string, status: number) =>
      `192.0.2.7 - - [24/Nov/2026:09:00:01 +0000] "GET ${path} HTTP/1.1" ${status} 512 "-" "curl/8.5"`;
    const lines = [line('/', 200), line('/a', 404), line('/', 200), 'nonsense', line('/b', 500)];
    const item = await processed('logs/access.log.gz', gzipSync(`${lines.join('\n')}\n`));
    expect(item).toMatchObject({
      status: 'ready',
      kind: 'log',
      log: {
        format: 'combined',
        compression: 'gzip',
        lines: 5,
        unknownLines: 1,
        byStatus: { 200: 2, 404: 1, 500: 1 },
      },
    });
    expect(await rows(item)).toHaveLength(4);
    expect((await stored(item, 'rows')).length).toBeGreaterThan(0);
  });

  it('a table of a dataset: rows in the lake, and what was rejected with its line and reason', async () => {
    const csv = Buffer.concat([
      Buffer.from('\ufeff주문번호,판매일,상품코드,매장,수량,금액,취소\r\n'),
      Buffer.from('A-1,2026-11-24 09:00:00,SKU-1,서울,2,"12,000",아니오\r\n'),
      Buffer.from('A-2,2026-11-24 09:05:00,SKU-2,부산,many,9000,아니오\r\n'),
    ]);
    const item = await processed('daily/매출 2026-11-24.csv', csv, 'text/csv');
    expect(item).toMatchObject({
      status: 'ready',
      kind: 'table',
      table: { format: 'csv', dataset: 'sales', rowsIn: 2, rowsOut: 1, rowsRejected: 1 },
    });
    expect(item.renditions?.find(({ name }) => name === 'rows')).toMatchObject({
      bucket: 'millrace-local-lake',
      key: expect.stringMatching(
        /^uploads\/dataset-sales\/tenant=default\/file=.+\/rows\.parquet$/,
      ),
    });
    expect(await rows(item)).toMatchObject([{ order_id: 'A-1', store: '서울', amount: 12_000 }]);
    expect((await stored(item, 'rejects')).toString()).toMatch(/"line":3/);
  });

  it('a table of no dataset: its rows beside it', async () => {
    const csv = 'id,name\n1,하나\n2,둘\n3\n';
    const item = await processed('tables/any.csv.zst', zstdCompressSync(Buffer.from(csv)));
    expect(item).toMatchObject({
      status: 'ready',
      kind: 'table',
      table: { format: 'csv', compression: 'zstd', rowsIn: 3, rowsOut: 2, rowsRejected: 1 },
    });
    expect(await rows(item)).toMatchObject([{ name: '하나' }, { name: '둘' }]);
    expect((await stored(item, 'rejects')).toString()).toContain('4');
  });

  it('what is of no kind: a verdict', async () => {
    const item = await processed(
      'other/archive.zip',
      Buffer.from('504b0506'.padEnd(44, '0'), 'hex'),
    );
    expect(item).toMatchObject({ status: 'rejected', reason: { code: 'unsupported_type' } });
  });
});
