import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Stage } from '../../stage/stage.ts';

/** A new, empty bucket of the rule's own. */
export async function createBucket(stage: Stage): Promise<string> {
  const { name } = await stage.bucket();
  return name;
}

export function putText(
  stage: Stage,
  Bucket: string,
  Key: string,
  Body: string,
  more: Partial<PutObjectCommandInput> = {},
) {
  return stage.clients.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
}

export async function textOf(
  stage: Stage,
  Bucket: string,
  Key: string,
  VersionId?: string,
): Promise<string> {
  const input = { Bucket, Key, ...(VersionId !== undefined && { VersionId }) };
  const { Body } = await stage.clients.s3.send(new GetObjectCommand(input));
  return (await Body?.transformToString()) ?? '';
}

/** A multipart upload whose parts are sent and that waits to be completed. */
export interface OpenUpload {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
  readonly parts: readonly CompletedPart[];
}

export async function openUpload(
  stage: Stage,
  Bucket: string,
  Key: string,
  bodies: readonly (string | Uint8Array)[],
): Promise<OpenUpload> {
  const { s3 } = stage.clients;
  const { UploadId = '' } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const parts: CompletedPart[] = [];
  for (const [index, Body] of bodies.entries()) {
    const part = { Bucket, Key, UploadId, PartNumber: index + 1, Body };
    const { ETag } = await s3.send(new UploadPartCommand(part));
    parts.push({ PartNumber: index + 1, ETag });
  }
  return { Bucket, Key, UploadId, parts };
}

export function completeUpload(
  stage: Stage,
  { Bucket, Key, UploadId, parts }: OpenUpload,
  more: Partial<CompleteMultipartUploadCommandInput> = {},
) {
  const MultipartUpload = { Parts: [...parts] };
  const input = { Bucket, Key, UploadId, MultipartUpload, ...more };
  return stage.clients.s3.send(new CompleteMultipartUploadCommand(input));
}
