import { DeleteObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { Derivatives } from '../domain/ports.ts';
import { derivedPrefix, orderOfDerived } from './derived-key.ts';

/** @param buckets all that hold derived objects */
export function s3Derivatives(client: S3Client, buckets: readonly string[]): Derivatives {
  async function removeFrom(Bucket: string, Prefix: string, matches: (order: string) => boolean) {
    for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
      const stale = (page.Contents ?? []).flatMap(({ Key }) =>
        Key !== undefined && matches(orderOfDerived(Key)) ? [Key] : [],
      );
      await Promise.all(stale.map((Key) => client.send(new DeleteObjectCommand({ Bucket, Key }))));
    }
  }
  return {
    async remove(file, matches) {
      const prefix = derivedPrefix(file);
      await Promise.all(buckets.map((bucket) => removeFrom(bucket, prefix, matches)));
    },
  };
}
