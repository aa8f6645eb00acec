import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Rule } from '../../rule.ts';
import { refusal, same } from '../expectations.ts';
import { createBucket, textOf } from './requests.ts';

const PAGE = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html';
const BODY = 'the body that was meant';

const hash = (algorithm: string, text: string) =>
  createHash(algorithm).update(text).digest('base64');

function crc32Of(text: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return bytes.toString('base64');
}

/** The same header with the right and with a wrong promise about the body. */
const PROMISES = [
  ['Content-MD5', 'ContentMD5', (text: string) => hash('md5', text)],
  ['CRC32', 'ChecksumCRC32', crc32Of],
  ['SHA-1', 'ChecksumSHA1', (text: string) => hash('sha1', text)],
  ['SHA-256', 'ChecksumSHA256', (text: string) => hash('sha256', text)],
] as const;

export const checksumRules: readonly Rule[] = [
  ...PROMISES.map(
    ([name, parameter, digest]): Rule => ({
      id: `s3/a-wrong-${name.toLowerCase()}-is-refused`,
      title: `A body that does not match its ${name} is refused and not stored: BadDigest`,
      page: PAGE,
      async run(stage) {
        const { s3 } = stage.clients;
        const Bucket = await createBucket(stage);
        const put = (text: string) =>
          s3.send(
            new PutObjectCommand({ Bucket, Key: 'key', Body: BODY, [parameter]: digest(text) }),
          );
        const refused = { code: 'BadDigest', status: 400 };
        same(await refusal(put('another body')), refused, 'a wrong promise');
        same((await refusal(textOf(stage, Bucket, 'key'))).code, 'NoSuchKey', 'the object');
        await put(BODY);
        same(await textOf(stage, Bucket, 'key'), BODY, 'the object');
      },
    }),
  ),
  {
    id: 's3/a-checksum-is-kept-with-the-object',
    title: 'The checksum of the upload is given back with `x-amz-checksum-mode: ENABLED`',
    page: PAGE,
    async run(stage) {
      const { s3 } = stage.clients;
      const Bucket = await createBucket(stage);
      const ChecksumSHA256 = hash('sha256', BODY);
      await s3.send(new PutObjectCommand({ Bucket, Key: 'key', Body: BODY, ChecksumSHA256 }));
      const input = { Bucket, Key: 'key', ChecksumMode: 'ENABLED' } as const;
      const got = await s3.send(new GetObjectCommand(input));
      same(got.ChecksumSHA256, ChecksumSHA256, 'the checksum');
      await got.Body?.transformToString();
    },
  },
];
