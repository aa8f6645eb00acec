import { randomBytes } from 'node:crypto';
import {
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { PermanentError, TransientError } from '@millrace/middleware';
import { pathValue } from '../domain/archive/archive-row.ts';
import type { PseudonymKeys } from '../domain/archive/pseudonyms.ts';

const KEY_BYTES = 32;

/**
 * Keys in a bucket of their own, `tenants/<tenant>`, which only the function that makes pseudonyms
 * may read. Made by chance at the first need: who comes second on the condition takes the first one's.
 */
export function s3PseudonymKeys(client: S3Client, bucket: string): PseudonymKeys {
  async function read(key: string): Promise<Uint8Array | undefined> {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      const bytes = await Body?.transformToByteArray();
      if (bytes?.length === KEY_BYTES) return bytes;
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
    throw new PermanentError(
      'pseudonym_key_invalid',
      `What lies at ${key} is no key for pseudonyms: put back what was there, then redrive.`,
    );
  }

  async function make(key: string): Promise<void> {
    const Body = randomBytes(KEY_BYTES);
    try {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body, IfNoneMatch: '*' }));
    } catch (error) {
      // 412: somebody made it; 409: somebody makes it at this moment.
      const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : 0;
      if (status !== 412 && status !== 409) throw error;
    }
  }

  return {
    async keyOf(tenant) {
      const key = `tenants/${pathValue(tenant)}`;
      const known = await read(key);
      if (known) return known;
      await make(key);
      const made = await read(key);
      if (!made) {
        throw new TransientError('pseudonym_key_busy', 'A key is being made by somebody else.');
      }
      return made;
    },
  };
}
