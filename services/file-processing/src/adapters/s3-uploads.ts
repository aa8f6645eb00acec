import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Uploads } from '../domain/ports.ts';
import { isGone } from './s3-errors.ts';

export function s3Uploads(client: S3Client): Uploads {
  return {
    async open({ bucket, key, eTag }) {
      try {
        const object = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: `"${eTag}"` }),
        );
        if (!object.Body) throw new TypeError('S3 answered without a body.');
        return {
          ...(object.ContentType !== undefined && { contentType: object.ContentType }),
          size: object.ContentLength ?? 0,
          body: object.Body as AsyncIterable<Uint8Array>,
        };
      } catch (error) {
        if (isGone(error)) return undefined;
        throw error;
      }
    },
  };
}
