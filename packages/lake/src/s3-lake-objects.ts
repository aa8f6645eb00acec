import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { LakeStore, ListedObject } from './ports.ts';
import { s3ObjectWriter } from './s3-object-writer.ts';

/**
 * Objects of a bucket, written and removed by S3's conditional requests.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
 */
export function s3LakeObjects(client: S3Client, bucket: string): LakeStore {
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

    swap(key, bytes, seen) {
      return unlessLost(() =>
        client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: bytes,
            ContentType: contentTypeOf(key),
            ...(seen ? { IfMatch: seen.eTag } : { IfNoneMatch: '*' }),
          }),
        ),
      );
    },

    list: (prefix) => listObjects(client, bucket, prefix),

    async readRange(key, start, end) {
      const Range = `bytes=${start}-${end - 1}`;
      const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range }));
      const bytes = await object.Body?.transformToByteArray();
      if (bytes?.length !== end - start) throw new TypeError('S3 answered with another range.');
      return bytes;
    },

    create: (key) => s3ObjectWriter(client, { Bucket: bucket, Key: key }),

    async remove(key) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    },

    removeIf(key, eTag) {
      const command = new DeleteObjectCommand({ Bucket: bucket, Key: key, IfMatch: eTag });
      return unlessLost(() => client.send(command));
    },
  };
}

async function* listObjects(
  client: S3Client,
  Bucket: string,
  Prefix: string,
): AsyncGenerator<ListedObject> {
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket, Prefix, ...(ContinuationToken && { ContinuationToken }) }),
    );
    for (const { Key: key, ETag: eTag, Size: bytes } of page.Contents ?? []) {
      if (key !== undefined && eTag !== undefined) yield { key, eTag, bytes: bytes ?? 0 };
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
}

function contentTypeOf(key: string): string {
  if (key.endsWith('.json')) return 'application/json';
  return key.endsWith('.parquet') ? 'application/vnd.apache.parquet' : 'text/plain';
}

/** 412: somebody wrote before; 409: somebody writes at this moment; 404: it was deleted. */
async function unlessLost(request: () => Promise<unknown>): Promise<boolean> {
  try {
    await request();
    return true;
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    if (![404, 409, 412].includes(error.$metadata.httpStatusCode ?? 0)) throw error;
    return false;
  }
}
