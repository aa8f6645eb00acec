import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { ObjectWriter } from './ports.ts';

/** S3 takes parts of 5 MiB and more, 10,000 at most. */
const PART_BYTES = 8 * 1024 * 1024;
const ContentType = 'application/vnd.apache.parquet';

/**
 * Writes an object in parts, one at a time; a small one in one request. It is there when it is
 * finished. Parts of one that was never finished are removed by the bucket's rule.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export function s3ObjectWriter(
  client: S3Client,
  object: { readonly Bucket: string; readonly Key: string },
): ObjectWriter {
  let waiting: Uint8Array[] = [];
  let size = 0;
  let UploadId: string | undefined;
  const parts: { ETag: string | undefined; PartNumber: number }[] = [];

  async function sendPart(): Promise<void> {
    UploadId ??= (await client.send(new CreateMultipartUploadCommand({ ...object, ContentType })))
      .UploadId;
    const PartNumber = parts.length + 1;
    const { ETag } = await client.send(
      new UploadPartCommand({ ...object, UploadId, PartNumber, Body: take() }),
    );
    parts.push({ ETag, PartNumber });
  }

  function take(): Uint8Array {
    const bytes = Buffer.concat(waiting);
    waiting = [];
    size = 0;
    return bytes;
  }

  return {
    async write(bytes) {
      waiting.push(bytes);
      size += bytes.length;
      if (size >= PART_BYTES) await sendPart();
    },
    async finish() {
      if (UploadId === undefined) {
        await client.send(new PutObjectCommand({ ...object, ContentType, Body: take() }));
        return;
      }
      if (size > 0) await sendPart();
      await client.send(
        new CompleteMultipartUploadCommand({
          ...{ ...object, UploadId },
          MultipartUpload: { Parts: parts },
        }),
      );
    },
    async abort() {
      if (UploadId === undefined) return;
      await client.send(new AbortMultipartUploadCommand({ ...object, UploadId }));
    },
  };
}
