import { createHash, randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  GetObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Rule } from '../../rule.ts';
import { refusal, same } from '../expectations.ts';
import { completeUpload, createBucket, openUpload } from './requests.ts';

const LIMITS = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html';
const COMPLETE = 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html';
const MIB = 1024 ** 2;

const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest();

export const multipartRules: readonly Rule[] = [
  {
    id: 's3/multipart-parts-become-one-object',
    title: 'A completed upload is the parts in order, with the composite entity tag',
    page: COMPLETE,
    async run(stage) {
      const Bucket = await createBucket(stage);
      const [first, second] = [randomBytes(5 * MIB), Buffer.from('the rest')];
      const upload = await openUpload(stage, Bucket, 'key', [first, second]);
      const { ETag } = await completeUpload(stage, upload);
      const tag = md5(Buffer.concat([md5(first), md5(second)])).toString('hex');
      same(ETag, `"${tag}-2"`, 'the entity tag');
      const got = await stage.clients.s3.send(new GetObjectCommand({ Bucket, Key: 'key' }));
      const bytes = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
      same(bytes.equals(Buffer.concat([first, second])), true, 'the object is what was sent');
    },
  },
  {
    id: 's3/every-part-but-the-last-is-5-mib-or-more',
    title: 'A part below 5 MiB that is not the last one is refused: EntityTooSmall',
    page: LIMITS,
    async run(stage) {
      const Bucket = await createBucket(stage);
      const upload = await openUpload(stage, Bucket, 'key', ['small', 'last']);
      same(
        (await refusal(completeUpload(stage, upload))).code,
        'EntityTooSmall',
        'two small parts',
      );
      const [only] = upload.parts;
      await completeUpload(stage, { ...upload, parts: only ? [only] : [] });
    },
  },
  {
    id: 's3/parts-are-listed-in-ascending-order',
    title: 'Parts out of order are refused: InvalidPartOrder',
    page: COMPLETE,
    async run(stage) {
      const Bucket = await createBucket(stage);
      // Each may be the last: nothing but the order is wrong.
      const bodies = [randomBytes(5 * MIB), randomBytes(5 * MIB)];
      const upload = await openUpload(stage, Bucket, 'key', bodies);
      const swapped = completeUpload(stage, { ...upload, parts: upload.parts.toReversed() });
      same((await refusal(swapped)).code, 'InvalidPartOrder', 'the completion');
    },
  },
  {
    id: 's3/a-part-that-was-not-uploaded-is-refused',
    title: 'An unknown part, or one with another entity tag, is refused: InvalidPart',
    page: COMPLETE,
    async run(stage) {
      const Bucket = await createBucket(stage);
      const upload = await openUpload(stage, Bucket, 'key', ['only']);
      const complete = (PartNumber: number, ETag: string | undefined) =>
        refusal(completeUpload(stage, { ...upload, parts: [{ PartNumber, ETag }] }));
      same((await complete(1, `"${'0'.repeat(32)}"`)).code, 'InvalidPart', 'another tag');
      same((await complete(2, upload.parts[0]?.ETag)).code, 'InvalidPart', 'an unknown part');
    },
  },
  {
    id: 's3/part-numbers-are-1-to-10000',
    title: 'Part numbers outside 1 to 10,000 are refused',
    page: LIMITS,
    async run(stage) {
      const Bucket = await createBucket(stage);
      const upload = await openUpload(stage, Bucket, 'key', []);
      const { Key, UploadId } = upload;
      const put = (PartNumber: number) =>
        stage.clients.s3.send(
          new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body: 'x' }),
        );
      await put(10_000);
      for (const wrong of [0, 10_001]) {
        const expected = { code: 'InvalidArgument', status: 400 };
        same(await refusal(put(wrong)), expected, `part ${wrong}`);
      }
    },
  },
  {
    id: 's3/an-aborted-upload-is-gone',
    title: 'An aborted upload takes no part and cannot be completed: NoSuchUpload',
    page: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html',
    async run(stage) {
      const Bucket = await createBucket(stage);
      const upload = await openUpload(stage, Bucket, 'key', ['part']);
      const { Key, UploadId } = upload;
      const abort = new AbortMultipartUploadCommand({ Bucket, Key, UploadId });
      await stage.clients.s3.send(abort);
      const gone = { code: 'NoSuchUpload', status: 404 };
      same(await refusal(completeUpload(stage, upload)), gone, 'the completion');
    },
  },
];
