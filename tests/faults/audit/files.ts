import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { FileItem } from '@millrace/types';
import type { Run } from '../workload/run.ts';
import { differences, tally } from './compare.ts';

/** One verdict for each upload that is there, exactly its renditions or its copy in quarantine. */
export async function auditFiles(run: Run): Promise<string[]> {
  const { clients, tenant, expected } = run;
  const { Items = [] } = await clients.documents.send(
    new QueryCommand({
      TableName: 'millrace-local-files',
      ConsistentRead: true,
      KeyConditionExpression: 'tenant = :tenant',
      ExpressionAttributeValues: { ':tenant': tenant },
    }),
  );
  const items = Items as FileItem[];
  const there = [...expected.files].filter(([, file]) => file.status !== 'removed');
  const renditions = items.flatMap((item) => item.renditions ?? []);
  const inLake = renditions.filter(({ bucket }) => bucket.endsWith('-lake'));
  const inMedia = renditions.filter(({ bucket }) => !bucket.endsWith('-lake'));
  const rejected = items.filter(({ status }) => status === 'rejected');
  const media = await keysOf(run, 'media');
  const quarantined = (await keysOf(run, 'quarantine')).map((key) => key.split('/')[1] ?? '');
  return [
    ...differences('file', new Map(items.map((item) => [item.key, stateOf(item)])), new Map(there)),
    ...differences('rendition', tally(media), tally(inMedia.map(({ key }) => key))),
    ...differences(
      'rows in the lake',
      tally(await rowsOf(run)),
      tally(inLake.map(({ key }) => key)),
    ),
    ...differences(
      'copy in quarantine',
      tally(quarantined),
      tally(rejected.map(({ fileId }) => fileId)),
    ),
  ];
}

function stateOf({ status, kind, image, table, log, reason, renditions = [] }: FileItem): unknown {
  if (status === 'rejected') return { status, code: reason?.code };
  if (status === 'ready' && kind !== 'image') {
    const rows = table?.rowsOut ?? (log ? log.lines - log.unknownLines : 0);
    return { status, kind, rows };
  }
  // One rung fits these pictures; two the wide ones, the wider of them in two formats.
  const rungs = (image?.width ?? 0) >= 640 ? 3 : 1;
  if (status !== 'ready' || renditions.length !== rungs) return { status, renditions };
  return { status, width: image?.width, height: image?.height };
}

async function keysOf({ clients, tenant }: Run, bucket: string): Promise<string[]> {
  const place = { Bucket: `millrace-local-${bucket}`, Prefix: `${tenant}/` };
  const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command(place));
  return Contents.map(({ Key = '' }) => Key);
}

/** Rows of this run's uploads, whatever table they are in. */
async function rowsOf({ clients, tenant }: Run): Promise<string[]> {
  const place = { Bucket: 'millrace-local-lake', Prefix: 'uploads/' };
  const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command(place));
  return Contents.flatMap(({ Key = '' }) => (Key.includes(`/tenant=${tenant}/`) ? [Key] : []));
}
