import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import type { Rule } from '../../rule.ts';
import type { Stage } from '../../stage/stage.ts';
import { refusal, same } from '../expectations.ts';
import { createBucket, putText, textOf } from './requests.ts';

const PAGE = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html';

async function createVersionedBucket(stage: Stage): Promise<string> {
  const Bucket = await createBucket(stage);
  await setVersioning(stage, Bucket, 'Enabled');
  return Bucket;
}

function setVersioning(stage: Stage, Bucket: string, Status: 'Enabled' | 'Suspended') {
  const VersioningConfiguration = { Status };
  const input = new PutBucketVersioningCommand({ Bucket, VersioningConfiguration });
  return stage.clients.s3.send(input);
}

export const versioningRules: readonly Rule[] = [
  {
    id: 's3/a-versioned-bucket-keeps-what-is-overwritten',
    title: 'Each write makes a version with an id of its own; both can be read',
    page: PAGE,
    async run(stage) {
      const Bucket = await createVersionedBucket(stage);
      const old = await putText(stage, Bucket, 'key', 'old');
      const now = await putText(stage, Bucket, 'key', 'new');
      same(old.VersionId !== now.VersionId && old.VersionId !== undefined, true, 'two version ids');
      same(await textOf(stage, Bucket, 'key'), 'new', 'the current version');
      same(await textOf(stage, Bucket, 'key', old.VersionId), 'old', 'the former version');
    },
  },
  {
    id: 's3/a-delete-leaves-a-marker-that-can-be-removed',
    title: 'DELETE puts a delete marker (404 on GET); deleting the marker brings the object back',
    page: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html',
    async run(stage) {
      const { s3 } = stage.clients;
      const Bucket = await createVersionedBucket(stage);
      const Key = 'key';
      await putText(stage, Bucket, Key, 'text');
      const marker = await s3.send(new DeleteObjectCommand({ Bucket, Key }));
      same(marker.DeleteMarker, true, 'a delete marker');
      same((await refusal(textOf(stage, Bucket, Key))).code, 'NoSuchKey', 'GET');
      const { VersionId } = marker;
      await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
      same(await textOf(stage, Bucket, Key), 'text', 'GET without the marker');
    },
  },
  {
    id: 's3/a-suspended-bucket-writes-the-null-version',
    title: 'With versioning suspended a write replaces the version `null` and keeps the others',
    page: PAGE,
    async run(stage) {
      const { s3 } = stage.clients;
      const Bucket = await createVersionedBucket(stage);
      await putText(stage, Bucket, 'key', 'kept');
      await setVersioning(stage, Bucket, 'Suspended');
      await putText(stage, Bucket, 'key', 'null 1');
      await putText(stage, Bucket, 'key', 'null 2');
      const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
      same(Versions.length, 2, 'versions');
      same(Versions[0]?.VersionId, 'null', 'the current version');
      same(await textOf(stage, Bucket, 'key'), 'null 2', 'the object');
    },
  },
];
