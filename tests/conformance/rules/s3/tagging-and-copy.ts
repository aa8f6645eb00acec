import {
  CopyObjectCommand,
  type CopyObjectCommandInput,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import type { Rule } from '../../rule.ts';
import type { Stage } from '../../stage/stage.ts';
import { refusal, same } from '../expectations.ts';
import { createBucket, putText, textOf } from './requests.ts';

const TAGGING = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html';
const COPY = 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html';
const ODD_KEY = '사진 1+2 (50%).jpg';

async function tagsOf(stage: Stage, Bucket: string, Key: string): Promise<string[]> {
  const input = new GetObjectTaggingCommand({ Bucket, Key });
  const { TagSet = [] } = await stage.clients.s3.send(input);
  return TagSet.map((tag) => `${tag.Key}=${tag.Value}`).sort();
}

export const taggingAndCopyRules: readonly Rule[] = [
  {
    id: 's3/tags-come-with-the-write-and-can-be-replaced',
    title: 'Tags given with PutObject are there; PutObjectTagging replaces all of them',
    page: TAGGING,
    async run(stage) {
      const Bucket = await createBucket(stage);
      await putText(stage, Bucket, 'key', 'x', { Tagging: 'a=1&b=two%20words' });
      same(await tagsOf(stage, Bucket, 'key'), ['a=1', 'b=two words'], 'tags of the write');
      const Tagging = { TagSet: [{ Key: 'c', Value: '3' }] };
      const input = new PutObjectTaggingCommand({ Bucket, Key: 'key', Tagging });
      await stage.clients.s3.send(input);
      same(await tagsOf(stage, Bucket, 'key'), ['c=3'], 'tags after PutObjectTagging');
    },
  },
  {
    id: 's3/an-object-has-10-tags-at-most',
    title: 'An eleventh tag is refused',
    page: TAGGING,
    async run(stage) {
      const Bucket = await createBucket(stage);
      await putText(stage, Bucket, 'key', 'x');
      const put = (count: number) => {
        const TagSet = Array.from({ length: count }, (_, n) => ({ Key: `k${n}`, Value: 'v' }));
        const input = { Bucket, Key: 'key', Tagging: { TagSet } };
        return stage.clients.s3.send(new PutObjectTaggingCommand(input));
      };
      await put(10);
      same((await refusal(put(11))).status, 400, 'eleven tags');
    },
  },
  {
    id: 's3/a-copy-takes-content-metadata-and-tags-along',
    title: 'CopyObject copies bytes, content type, metadata and tags of an oddly named key',
    page: COPY,
    async run(stage) {
      const Bucket = await createBucket(stage);
      const more = { ContentType: 'image/jpeg', Metadata: { tenant: 'acme' }, Tagging: 'a=1' };
      await putText(stage, Bucket, ODD_KEY, 'picture', more);
      const CopySource = `${Bucket}/${encodeURIComponent(ODD_KEY)}`;
      const { s3 } = stage.clients;
      await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource }));
      same(await textOf(stage, Bucket, 'copy'), 'picture', 'the bytes');
      const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'copy' }));
      same([head.ContentType, head.Metadata], ['image/jpeg', { tenant: 'acme' }], 'the headers');
      same(await tagsOf(stage, Bucket, 'copy'), ['a=1'], 'the tags');
    },
  },
  {
    id: 's3/a-copy-may-replace-the-metadata',
    title: '`MetadataDirective: REPLACE` takes the metadata of the request instead',
    page: COPY,
    async run(stage) {
      const Bucket = await createBucket(stage);
      await putText(stage, Bucket, 'key', 'x', { Metadata: { old: '1' } });
      const { s3 } = stage.clients;
      const input: CopyObjectCommandInput = {
        ...{ Bucket, Key: 'key', CopySource: `${Bucket}/key` },
        ...{ MetadataDirective: 'REPLACE', Metadata: { new: '2' } },
      };
      await s3.send(new CopyObjectCommand(input));
      const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'key' }));
      same(head.Metadata, { new: '2' }, 'the metadata');
    },
  },
  {
    id: 's3/a-copy-onto-itself-must-change-something',
    title: 'A copy of an object onto itself that changes nothing is refused: InvalidRequest',
    page: COPY,
    async run(stage) {
      const Bucket = await createBucket(stage);
      await putText(stage, Bucket, 'key', 'x');
      const input = { Bucket, Key: 'key', CopySource: `${Bucket}/key` };
      const copied = stage.clients.s3.send(new CopyObjectCommand(input));
      same(await refusal(copied), { code: 'InvalidRequest', status: 400 }, 'the copy');
    },
  },
  {
    id: 's3/a-copy-can-be-conditional-on-its-source',
    title: 'CopyObject with `x-amz-copy-source-if-match` of another entity tag is refused with 412',
    page: COPY,
    async run(stage) {
      const Bucket = await createBucket(stage);
      await putText(stage, Bucket, 'key', 'x');
      const input = {
        ...{ Bucket, Key: 'copy', CopySource: `${Bucket}/key` },
        CopySourceIfMatch: `"${'0'.repeat(32)}"`,
      };
      const copied = stage.clients.s3.send(new CopyObjectCommand(input));
      same((await refusal(copied)).status, 412, 'the copy');
    },
  },
];
