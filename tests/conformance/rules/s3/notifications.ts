import { randomBytes } from 'node:crypto';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import { NotObservable, type Rule } from '../../rule.ts';
import type { Bucket } from '../../stage/buckets.ts';
import type { BucketEvent } from '../../stage/notifications.ts';
import type { Performer, Stage } from '../../stage/stage.ts';
import { same } from '../expectations.ts';
import { completeUpload, openUpload, putText } from './requests.ts';

const MESSAGE =
  'https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html';
const EVENT_TYPES =
  'https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html';
const MIB = 1024 ** 2;
/** Long enough for an event that must not come. */
const SILENCE_MS = 1_500;

interface Watched {
  readonly bucket: Bucket;
  readonly performer: Performer;
  /** Waits for so many events and answers their records. */
  records(count: number): Promise<BucketEvent['Records'][number][]>;
}

/** A bucket and a function that is told of `event`. */
async function watch(
  stage: Stage,
  event: `s3:${string}` = 's3:ObjectCreated:*',
  filter: { prefix?: string; suffix?: string } = {},
): Promise<Watched> {
  const bucket = await stage.bucket();
  const performer = await stage.function(() => undefined);
  const functionName = performer.name;
  await stage.subject.notifyBucket({ bucket: bucket.name, functionName, event, ...filter });
  return {
    bucket,
    performer,
    async records(count) {
      const calls = await performer.called<BucketEvent>(count);
      return calls.flatMap(({ event: { Records } }) => Records);
    },
  };
}

const KEYS = [
  ['a space', 'my photo.jpg', 'my+photo.jpg'],
  ['a plus', '1+2.txt', '1%2B2.txt'],
  ['Korean letters', '사진/그림.png', '%EC%82%AC%EC%A7%84/%EA%B7%B8%EB%A6%BC.png'],
  ['an emoji', '😀.png', '%F0%9F%98%80.png'],
  ['a percent sign and an ampersand', 'a%20b&c=d', 'a%2520b%26c%3Dd'],
] as const;

/** "Right pad the shorter value with zeros, and then do a lexicographical comparison." */
function compareSequencers(a: string, b: string): number {
  const length = Math.max(a.length, b.length);
  const [left, right] = [a.padEnd(length, '0'), b.padEnd(length, '0')];
  return Number(left > right) - Number(left < right);
}

export const notificationRules: readonly Rule[] = [
  {
    id: 's3/a-notification-says-what-happened-to-which-object',
    title: 'A notification names the bucket and the object, its size, entity tag and sequencer',
    page: MESSAGE,
    async run(stage) {
      const { bucket, records } = await watch(stage);
      const { ETag = '' } = await putText(stage, bucket.name, 'key', 'four');
      const [record] = await records(1);
      same(record?.eventSource, 'aws:s3', 'eventSource');
      same(record?.eventName, 'ObjectCreated:Put', 'eventName');
      same(record?.awsRegion, stage.subject.region, 'awsRegion');
      same(/^2\.\d+$/.test(record?.eventVersion ?? ''), true, 'eventVersion is 2.x');
      const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
      same(
        instant.test(record?.eventTime ?? ''),
        true,
        `eventTime ${record?.eventTime} is ISO 8601`,
      );
      const named = [record?.s3.bucket.name, record?.s3.bucket.arn];
      same(named, [bucket.name, bucket.arn], 'the bucket');
      const { key, size, eTag, sequencer = '' } = record?.s3.object ?? {};
      same([key, size, eTag], ['key', 4, ETag.replaceAll('"', '')], 'the object');
      same(
        /^[0-9A-F]{2,}$/i.test(sequencer),
        true,
        `sequencer ${sequencer} is a hexadecimal value`,
      );
    },
  },
  ...KEYS.map(
    ([what, key, encoded]): Rule => ({
      id: `s3/a-key-with-${what.toLowerCase().replaceAll(' ', '-')}-is-form-encoded`,
      title: `The key in a notification is form-encoded: ${what}`,
      page: MESSAGE,
      async run(stage) {
        const { bucket, records } = await watch(stage);
        await putText(stage, bucket.name, key, 'x');
        const [record] = await records(1);
        same(record?.s3.object.key, encoded, 'the key');
      },
    }),
  ),
  {
    id: 's3/sequencers-of-a-key-grow',
    title: 'Sequencers of one key, padded with zeros, sort its writes in their order',
    page: MESSAGE,
    async run(stage) {
      const { bucket, records } = await watch(stage);
      const sizes = [1, 2, 3, 4, 5, 6];
      for (const size of sizes) await putText(stage, bucket.name, 'key', 'x'.repeat(size));
      const seen = await records(sizes.length);
      const sorted = seen.toSorted((a, b) =>
        compareSequencers(a.s3.object.sequencer, b.s3.object.sequencer),
      );
      same(new Set(seen.map(({ s3 }) => s3.object.sequencer)).size, sizes.length, 'sequencers');
      same(
        sorted.map(({ s3 }) => s3.object.size),
        sizes,
        'the writes by their sequencers',
      );
    },
  },
  {
    id: 's3/a-copy-tells-of-itself',
    title: 'A copy is told as ObjectCreated:Copy',
    page: EVENT_TYPES,
    async run(stage) {
      const { bucket, records } = await watch(stage, 's3:ObjectCreated:Copy');
      await putText(stage, bucket.name, 'key', 'x');
      const input = { Bucket: bucket.name, Key: 'copy', CopySource: `${bucket.name}/key` };
      await stage.clients.s3.send(new CopyObjectCommand(input));
      const seen = await records(1);
      same(
        seen.map(({ eventName, s3 }) => [eventName, s3.object.key]),
        [['ObjectCreated:Copy', 'copy']],
        'the events',
      );
    },
  },
  {
    id: 's3/a-multipart-upload-tells-once-at-its-end',
    title: 'ObjectCreated:CompleteMultipartUpload comes once, when the upload is completed',
    page: EVENT_TYPES,
    async run(stage) {
      const { bucket, performer, records } = await watch(stage);
      const bodies = [randomBytes(5 * MIB), 'the rest'];
      const upload = await openUpload(stage, bucket.name, 'key', bodies);
      await stage.rest(SILENCE_MS);
      same(performer.calls().length, 0, 'events before the end');
      await completeUpload(stage, upload);
      const [record] = await records(1);
      same(record?.eventName, 'ObjectCreated:CompleteMultipartUpload', 'the event');
      same(record?.s3.object.size, 5 * MIB + 8, 'the size');
      await stage.rest(SILENCE_MS);
      same(performer.calls().length, 1, 'events');
    },
  },
  {
    id: 's3/a-delete-is-told',
    title: 'A permanent delete is told as ObjectRemoved:Delete',
    page: EVENT_TYPES,
    async run(stage) {
      const { bucket, records } = await watch(stage, 's3:ObjectRemoved:*');
      await putText(stage, bucket.name, 'key', 'x');
      const input = { Bucket: bucket.name, Key: 'key' };
      await stage.clients.s3.send(new DeleteObjectCommand(input));
      const [record] = await records(1);
      same(
        [record?.eventName, record?.s3.object.key],
        ['ObjectRemoved:Delete', 'key'],
        'the event',
      );
    },
  },
  {
    id: 's3/a-delete-marker-is-told-with-its-version',
    title: 'A delete in a versioned bucket is told as ObjectRemoved:DeleteMarkerCreated',
    page: EVENT_TYPES,
    async run(stage) {
      const { bucket, records } = await watch(stage, 's3:ObjectRemoved:*');
      const { s3 } = stage.clients;
      const Bucket = bucket.name;
      const VersioningConfiguration = { Status: 'Enabled' } as const;
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
      await putText(stage, Bucket, 'key', 'x');
      const marker = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
      const [record] = await records(1);
      const seen = [record?.eventName, record?.s3.object.versionId];
      same(seen, ['ObjectRemoved:DeleteMarkerCreated', marker.VersionId], 'the event');
    },
  },
  {
    id: 's3/notifications-are-filtered-by-prefix-and-suffix',
    title: 'Only keys with both the prefix and the suffix of the filter are told',
    page: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_FilterRule.html',
    async run(stage) {
      const filter = { prefix: '사진/', suffix: '.jpg' };
      const { bucket, performer, records } = await watch(stage, 's3:ObjectCreated:*', filter);
      for (const key of ['other/a.jpg', '사진/a.png', '사진/a.jpg']) {
        await putText(stage, bucket.name, key, 'x');
      }
      const [record] = await records(1);
      await stage.rest(SILENCE_MS);
      same(performer.calls().length, 1, 'events');
      same(record?.s3.object.key, '%EC%82%AC%EC%A7%84/a.jpg', 'the key');
    },
  },
  {
    id: 's3/an-event-that-comes-twice-has-the-same-sequencer',
    title: 'An event may be delivered twice; the duplicate has the same key and sequencer',
    page: EVENT_TYPES,
    async run(stage) {
      const { bucket, performer, records } = await watch(stage);
      const { repeatDeliveries } = stage.subject;
      if (!repeatDeliveries) throw new NotObservable('no delivery can be repeated on demand');
      stage.atEnd(await repeatDeliveries(performer.name));
      await putText(stage, bucket.name, 'key', 'x');
      const [first, second] = await records(2);
      same(second, first, 'the duplicate');
    },
  },
];
