import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { Rule } from '../../rule.ts';
import { refusal, same } from '../expectations.ts';
import { createBucket, putText } from './requests.ts';

const PAGE = 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html';
const TEXT = '0123456789';
/** Range → what comes back of the ten digits. */
const RANGES = [
  ['bytes=0-3', '0123', 'bytes 0-3/10'],
  ['bytes=7-', '789', 'bytes 7-9/10'],
  ['bytes=-4', '6789', 'bytes 6-9/10'],
  ['bytes=5-1000', '56789', 'bytes 5-9/10'],
] as const;

export const readRules: readonly Rule[] = [
  {
    id: 's3/a-range-answers-206-with-its-bytes',
    title: 'Ranges from the start, to the end, of the last bytes, and beyond the end',
    page: PAGE,
    async run(stage) {
      const Bucket = await createBucket(stage);
      await putText(stage, Bucket, 'key', TEXT);
      for (const [Range, text, ContentRange] of RANGES) {
        const input = new GetObjectCommand({ Bucket, Key: 'key', Range });
        const got = await stage.clients.s3.send(input);
        const seen = [
          got.$metadata.httpStatusCode,
          await got.Body?.transformToString(),
          got.ContentRange,
        ];
        same(seen, [206, text, ContentRange], Range);
      }
    },
  },
  {
    id: 's3/a-range-outside-the-object-is-refused',
    title: 'A range that begins beyond the end is refused with 416 InvalidRange',
    page: PAGE,
    async run(stage) {
      const Bucket = await createBucket(stage);
      await putText(stage, Bucket, 'key', TEXT);
      const input = new GetObjectCommand({ Bucket, Key: 'key', Range: 'bytes=10-' });
      const refused = await refusal(stage.clients.s3.send(input));
      same(refused, { code: 'InvalidRange', status: 416 }, 'bytes=10- of 10');
    },
  },
];
