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
  const renditions = items.flatMap((item) => (item.renditions ?? []).map(({ key }) => key));
  const rejected = items.filter(({ status }) => status === 'rejected');
  const media = await keysOf(run, 'media');
  const quarantined = (await keysOf(run, 'quarantine')).map((key) => key.split('/')[1] ?? '');
  return [
    ...differences('file', new Map(items.map((item) => [item.key, stateOf(item)])), new Map(there)),
    ...differences('rendition', tally(media), tally(renditions)),
    ...differences(
      'copy in quarantine',
      tally(quarantined),
      tally(rejected.map(({ fileId }) => fileId)),
    ),
  ];
}

function stateOf({ status, image, reason, renditions = [] }: FileItem): unknown {
  if (status === 'rejected') return { status, code: reason?.code };
  // One rung fits these pictures, two the wide ones.
  const rungs = (image?.width ?? 0) >= 640 ? 2 : 1;
  if (status !== 'ready' || renditions.length !== rungs) return { status, renditions };
  return { status, width: image?.width, height: image?.height };
}

async function keysOf({ clients, tenant }: Run, bucket: string): Promise<string[]> {
  const place = { Bucket: `millrace-local-${bucket}`, Prefix: `${tenant}/` };
  const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command(place));
  return Contents.map(({ Key = '' }) => Key);
}
