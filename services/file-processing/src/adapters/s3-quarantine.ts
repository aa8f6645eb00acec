import { CopyObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Quarantine } from '../domain/ports.ts';
import { derivedKey } from './derived-key.ts';
import { isGone, isNoBucket } from './s3-errors.ts';

/**
 * What one CopyObject can copy. A larger file is rejected all the same; its only copy is then the
 * upload itself, which nothing serves.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
const MAX_COPY_BYTES = 5 * 1024 ** 3;

export function s3Quarantine(client: S3Client, quarantineBucket: string): Quarantine {
  return {
    async keep(file, version, reason) {
      if (version.size > MAX_COPY_BYTES) return true;
      const { bucket, key, eTag } = version;
      try {
        await client.send(
          new CopyObjectCommand({
            Bucket: quarantineBucket,
            Key: derivedKey(file, version, 'original'),
            CopySource: `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`,
            CopySourceIfMatch: `"${eTag}"`,
            MetadataDirective: 'REPLACE',
            // The sender's tags say nothing of what is kept here, and copying them needs more rights.
            TaggingDirective: 'REPLACE',
            // Whoever opens it by accident downloads it; nothing renders it.
            ContentType: 'application/octet-stream',
            Metadata: { 'reason-code': reason.code, 'reason-message': asMetadata(reason.message) },
          }),
        );
        return true;
      } catch (error) {
        if (isGone(error) && !isNoBucket(error)) return false;
        throw error;
      }
    },
  };
}

/** Metadata are headers, of 2 KB in all and of ASCII only; the record has the whole message. */
const MAX_MESSAGE = 1000;

function asMetadata(message: string): string {
  const ascii = message.toWellFormed().replace(/[^ -~]/gu, encodeURIComponent);
  return ascii.slice(0, MAX_MESSAGE);
}
