import { Readable } from 'node:stream';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { Products } from '../domain/ports.ts';
import type { Artefact } from '../domain/processor.ts';
import { derivedKey, lakeKey } from './derived-key.ts';

const MIB = 1024 ** 2;

/** In memory at a time are two parts. A part of this size allows 80 GB, more than any artefact has. */
const PART_BYTES = 8 * MIB;

const PARQUET = 'application/vnd.apache.parquet';

export function s3Products(
  client: S3Client,
  buckets: { readonly media: string; readonly lake: string },
): Products {
  /** @returns how many bytes were stored */
  async function put(
    to: { readonly Bucket: string; readonly Key: string; readonly ContentType: string },
    body: Artefact['body'],
  ): Promise<number> {
    const object = {
      ...to,
      // What is made of a version never changes: its key has the version in it.
      CacheControl: 'private, max-age=31536000, immutable',
    };
    if (body instanceof Uint8Array) {
      await client.send(new PutObjectCommand({ ...object, Body: body }));
      return body.byteLength;
    }
    let bytes = 0;
    const counted = Readable.from(
      (async function* () {
        for await (const chunk of body) {
          bytes += chunk.byteLength;
          yield chunk;
        }
      })(),
      // Chunks are bytes, whatever their number: the pause comes from the parts.
      { objectMode: true, highWaterMark: 1 },
    );
    await new Upload({
      client,
      params: { ...object, Body: counted },
      partSize: PART_BYTES,
      queueSize: 1,
    }).done();
    return bytes;
  }

  return {
    async store(file, version, { body, extension, ...artefact }) {
      const key = derivedKey(file, version, `${artefact.name}.${extension}`);
      const to = { Bucket: buckets.media, Key: key, ContentType: artefact.contentType };
      const size = await put(to, body);
      return { ...artefact, bucket: buckets.media, key, size };
    },

    async collect(file, version, { table, body }) {
      const key = lakeKey(file, version, table);
      const to = { Bucket: buckets.lake, Key: key, ContentType: PARQUET };
      const size = await put(to, body);
      return { name: 'rows', bucket: buckets.lake, key, contentType: PARQUET, size };
    },
  };
}
