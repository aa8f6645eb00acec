import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Rule } from '../../rule.ts';
import { refusal, same } from '../expectations.ts';
import { completeUpload, createBucket, openUpload, putText, textOf } from './requests.ts';

const PAGE = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html';
const PRECONDITION_FAILED = { code: 'PreconditionFailed', status: 412 };

export const conditionalWriteRules: readonly Rule[] = [
  {
    id: 's3/exactly-one-of-20-racers-creates-the-object',
    title: 'Of 20 concurrent `If-None-Match: *` writes of one key exactly one succeeds',
    page: PAGE,
    async run(stage) {
      const { s3 } = stage.clients;
      const Bucket = await createBucket(stage);
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, async (_, racer) => {
          const input = { Bucket, Key: 'raced', Body: `racer ${racer}`, IfNoneMatch: '*' };
          try {
            await s3.send(new PutObjectCommand(input));
            return { racer, code: 'won' };
          } catch (error) {
            return { racer, code: (error as Error).name };
          }
        }),
      );
      const winners = outcomes.filter(({ code }) => code === 'won');
      same(winners.length, 1, 'racers that were told they had won');
      same(await textOf(stage, Bucket, 'raced'), `racer ${winners[0]?.racer}`, 'the object');
      // 409 is S3's answer while another conditional write of the key is under way.
      const allowed = new Set(['won', 'PreconditionFailed', 'ConditionalRequestConflict']);
      const odd = outcomes.filter(({ code }) => !allowed.has(code)).map(({ code }) => code);
      same(odd, [], 'other answers');
    },
  },
  {
    id: 's3/if-none-match-refuses-an-existing-key',
    title: '`If-None-Match: *` on an existing key is refused with 412 and leaves the object',
    page: PAGE,
    async run(stage) {
      const Bucket = await createBucket(stage);
      await putText(stage, Bucket, 'key', 'old');
      const again = putText(stage, Bucket, 'key', 'new', { IfNoneMatch: '*' });
      same(await refusal(again), PRECONDITION_FAILED, 'the second write');
      same(await textOf(stage, Bucket, 'key'), 'old', 'the object');
    },
  },
  {
    id: 's3/if-match-replaces-only-the-version-that-was-read',
    title:
      '`If-Match` writes when the entity tag is the current one, else 412; 404 without an object',
    page: PAGE,
    async run(stage) {
      const Bucket = await createBucket(stage);
      const { ETag } = await putText(stage, Bucket, 'key', 'first');
      await putText(stage, Bucket, 'key', 'second', { IfMatch: ETag });
      const stale = putText(stage, Bucket, 'key', 'third', { IfMatch: ETag });
      same(await refusal(stale), PRECONDITION_FAILED, 'a write with a stale tag');
      same(await textOf(stage, Bucket, 'key'), 'second', 'the object');
      const absent = putText(stage, Bucket, 'absent', 'x', { IfMatch: ETag });
      same((await refusal(absent)).status, 404, 'a write to an absent key');
    },
  },
  {
    id: 's3/a-multipart-upload-completes-under-a-condition',
    title: '`If-None-Match: *` holds for CompleteMultipartUpload',
    page: PAGE,
    async run(stage) {
      const Bucket = await createBucket(stage);
      const upload = await openUpload(stage, Bucket, 'key', ['part']);
      await putText(stage, Bucket, 'key', 'meanwhile');
      const done = completeUpload(stage, upload, { IfNoneMatch: '*' });
      same(await refusal(done), PRECONDITION_FAILED, 'the completion');
      same(await textOf(stage, Bucket, 'key'), 'meanwhile', 'the object');
    },
  },
  {
    id: 's3/conditional-reads',
    title: 'GET with `If-None-Match` of the current tag is 304, with `If-Match` of another 412',
    page: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html',
    async run(stage) {
      const { s3 } = stage.clients;
      const Bucket = await createBucket(stage);
      const { ETag } = await putText(stage, Bucket, 'key', 'text');
      const get = (condition: { IfNoneMatch?: string | undefined; IfMatch?: string }) =>
        s3.send(new GetObjectCommand({ Bucket, Key: 'key', ...condition }));
      same((await refusal(get({ IfNoneMatch: ETag }))).status, 304, 'the tag that is there');
      same((await refusal(get({ IfMatch: '"00"' }))).status, 412, 'another tag');
    },
  },
];
