import {
  HeadObjectCommand,
  type LifecycleRule,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import type { Rule } from '../../rule.ts';
import type { Bucket } from '../../stage/buckets.ts';
import type { BucketEvent } from '../../stage/notifications.ts';
import type { Stage } from '../../stage/stage.ts';
import { same } from '../expectations.ts';
import { openUpload, putText } from './requests.ts';

const EXPIRATION = 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleExpiration.html';
const RULE = 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html';
const HEAD = 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html';
const DAY_MS = 86_400_000;

/** A bucket with one lifecycle rule for the keys below `old/`. */
async function bucketWith(stage: Stage, rule: Omit<LifecycleRule, 'Status'>): Promise<Bucket> {
  const bucket = await stage.bucket();
  const only = { ID: 'rule', Status: 'Enabled', Filter: { Prefix: 'old/' }, ...rule } as const;
  await stage.clients.s3.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket: bucket.name,
      LifecycleConfiguration: { Rules: [only] },
    }),
  );
  return bucket;
}

const nextMidnight = (ms: number) => Math.ceil(ms / DAY_MS) * DAY_MS;

export const lifecycleRules: readonly Rule[] = [
  {
    id: 's3/an-object-says-when-it-expires',
    title: 'x-amz-expiration is the midnight UTC after the rule’s days, and names the rule',
    page: HEAD,
    async run(stage) {
      const { name } = await bucketWith(stage, { Expiration: { Days: 3 } });
      await putText(stage, name, 'old/a', 'x');
      await putText(stage, name, 'a', 'x');
      const head = (Key: string) =>
        stage.clients.s3.send(new HeadObjectCommand({ Bucket: name, Key }));
      const { Expiration, LastModified } = await head('old/a');
      const at = nextMidnight((LastModified?.getTime() ?? 0) + 3 * DAY_MS);
      const expected = `expiry-date="${new Date(at).toUTCString()}", rule-id="rule"`;
      same(Expiration, expected, 'x-amz-expiration');
      same((await head('a')).Expiration, undefined, 'x-amz-expiration of another prefix');
    },
  },
  {
    id: 's3/an-object-expires-after-its-days',
    title: 'An object is deleted when its days have passed, others stay; the expiry is told',
    page: EXPIRATION,
    movesClock: true,
    async run(stage) {
      const bucket = await bucketWith(stage, { Expiration: { Days: 2 } });
      const performer = await stage.function(() => undefined);
      const event = 's3:LifecycleExpiration:Delete';
      await stage.subject.notifyBucket({
        ...{ bucket: bucket.name, functionName: performer.name, event },
      });
      await putText(stage, bucket.name, 'old/a', 'x');
      await putText(stage, bucket.name, 'a', 'x');
      await stage.pass(DAY_MS);
      await stage.rest(1_000);
      same((await bucket.keys()).toSorted(), ['a', 'old/a'], 'the keys after a day');
      await stage.pass(2 * DAY_MS);
      await stage.eventually('the object is deleted', async () =>
        (await bucket.keys('old/')).length === 0 ? true : undefined,
      );
      same(await bucket.keys(), ['a'], 'the keys after three days');
      const [call] = await performer.called<BucketEvent>(1);
      const [record] = call?.event.Records ?? [];
      const seen = [record?.eventName, record?.s3.object.key];
      same(seen, ['LifecycleExpiration:Delete', 'old/a'], 'the event');
    },
  },
  {
    id: 's3/noncurrent-versions-expire',
    title: 'NoncurrentVersionExpiration deletes versions that have not been current for its days',
    page: RULE,
    movesClock: true,
    async run(stage) {
      const rule = { NoncurrentVersionExpiration: { NoncurrentDays: 1 } };
      const { name: Bucket } = await bucketWith(stage, rule);
      const { s3 } = stage.clients;
      const VersioningConfiguration = { Status: 'Enabled' } as const;
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
      await putText(stage, Bucket, 'old/a', 'former');
      const { VersionId } = await putText(stage, Bucket, 'old/a', 'current');
      await stage.pass(3 * DAY_MS);
      const left = await stage.eventually('one version is left', async () => {
        const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
        return Versions.length === 1 ? Versions[0] : undefined;
      });
      same([left.VersionId, left.IsLatest], [VersionId, true], 'what is left');
    },
  },
  {
    id: 's3/incomplete-uploads-are-aborted',
    title: 'AbortIncompleteMultipartUpload ends uploads that are not complete after its days',
    page: RULE,
    movesClock: true,
    async run(stage) {
      const rule = { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } };
      const { name: Bucket } = await bucketWith(stage, rule);
      await openUpload(stage, Bucket, 'old/a', ['part']);
      await stage.pass(3 * DAY_MS);
      await stage.eventually('the upload is gone', async () => {
        const input = new ListMultipartUploadsCommand({ Bucket });
        const { Uploads = [] } = await stage.clients.s3.send(input);
        return Uploads.length === 0 ? true : undefined;
      });
    },
  },
];
