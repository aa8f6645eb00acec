import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Media } from '../domain/files/ports.ts';

const URL_SECONDS = 3600;

/** Renditions, wherever their record says that they lie. */
export function s3Media(client: S3Client): Media {
  return {
    signGet: ({ bucket, key }) =>
      getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: key }), {
        expiresIn: URL_SECONDS,
      }),
  };
}
