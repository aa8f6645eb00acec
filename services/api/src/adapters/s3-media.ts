import { GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Media, Playlists } from '../domain/files/ports.ts';

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

/** They are of our own making: some hundred kB at most. */
export function s3Playlists(client: S3Client): Playlists {
  return {
    async read({ bucket, key }) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return await Body?.transformToString();
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
  };
}
