import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { fileIdentity } from '../domain/file-identity.ts';
import type { TaskPorts } from '../domain/processors/media/work-on-task.ts';
import { derivedKey } from './derived-key.ts';

/** Reads back what was made of a version. */
export function s3StoredSegments(client: S3Client, bucket: string): TaskPorts['openStored'] {
  return async function* open(version, name) {
    const file = fileIdentity(version.bucket, version.key);
    const object = { Bucket: bucket, Key: derivedKey(file, version, name) };
    const { Body } = await client.send(new GetObjectCommand(object));
    if (Body) yield* Body as AsyncIterable<Uint8Array>;
  };
}
