import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Media } from '../domain/ports.ts';
import { derivedKey } from './derived-key.ts';

export function s3Media(client: S3Client, bucket: string): Media {
  return {
    async store(file, version, { bytes, extension, ...rendition }) {
      const key = derivedKey(file, version, `${rendition.name}.${extension}`);
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: bytes,
          ContentType: rendition.contentType,
          // A version's renditions never change: their key has the version in it.
          CacheControl: 'private, max-age=31536000, immutable',
        }),
      );
      return { ...rendition, bucket, key, size: bytes.byteLength };
    },
  };
}
