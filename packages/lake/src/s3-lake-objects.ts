import {
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { LakeObjects } from './ports.ts';

/**
 * Objects of a bucket, written by S3's conditional writes.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function s3LakeObjects(client: S3Client, bucket: string): LakeObjects {
  return {
    async read(key) {
      try {
        const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        const bytes = await object.Body?.transformToByteArray();
        if (!bytes || object.ETag === undefined) throw new TypeError('S3 answered without a body.');
        return { bytes, eTag: object.ETag };
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },

    async swap(key, bytes, seen) {
      try {
        await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: bytes,
            ContentType: 'application/vnd.apache.parquet',
            ...(seen ? { IfMatch: seen.eTag } : { IfNoneMatch: '*' }),
          }),
        );
        return true;
      } catch (error) {
        if (isLostRace(error)) return false;
        throw error;
      }
    },
  };
}

/** 412: somebody wrote before; 409: somebody writes at this moment; 404: it was deleted. */
function isLostRace(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  return [404, 409, 412].includes(error.$metadata.httpStatusCode ?? 0);
}
