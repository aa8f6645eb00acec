import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Uploads } from '../domain/ports.ts';
import { isGone } from './s3-errors.ts';

const URL_SECONDS = 3600;

export function s3Uploads(client: S3Client): Uploads {
  return {
    async open({ bucket, key, eTag }, range) {
      try {
        const object = await client.send(
          new GetObjectCommand({
            Bucket: bucket,
            Key: key,
            IfMatch: `"${eTag}"`,
            ...(range && { Range: `bytes=${range.from}-${range.to}` }),
          }),
        );
        if (!object.Body) throw new TypeError('S3 answered without a body.');
        return {
          ...(object.ContentType !== undefined && { contentType: object.ContentType }),
          body: object.Body as AsyncIterable<Uint8Array>,
        };
      } catch (error) {
        if (isGone(error)) return undefined;
        throw error;
      }
    },

    async isThere({ bucket, key, eTag }) {
      try {
        const head = { Bucket: bucket, Key: key, IfMatch: `"${eTag}"` };
        await client.send(new HeadObjectCommand(head));
        return true;
      } catch (error) {
        if (isGone(error)) return false;
        throw error;
      }
    },

    url: ({ bucket, key }) =>
      getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: key }), {
        expiresIn: URL_SECONDS,
      }),
  };
}
