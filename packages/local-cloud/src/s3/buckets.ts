import { receiveText } from './body.ts';
import type { Bucket, CorsRule, Versioning } from './bucket-table.ts';
import { type BucketRequest, commit, isoTime, owner, type S3Context } from './context.ts';
import { S3Error } from './errors.ts';
import { checkRules } from './lifecycle-document.ts';
import type { LifecycleRule } from './lifecycle-rules.ts';
import type { S3Request } from './request.ts';
import { type S3Response, xmlResponse } from './response.ts';
import { checkTags, type Tags } from './tagging.ts';
import { parseXml, textOf } from './xml.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET_NAME = /^(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** The wanted configuration, as a template has it: what is left away is off. */
export interface BucketOptions {
  readonly versioning?: boolean;
  readonly cors?: readonly CorsRule[];
  readonly tags?: Tags;
  readonly lifecycle?: readonly LifecycleRule[];
}

/** Creates the bucket, or gives the one that is there this configuration. */
export function saveBucket(context: S3Context, name: string, options: BucketOptions): void {
  checkName(name);
  const { lifecycle = [] } = options;
  if (lifecycle.length > 0) checkRules(lifecycle);
  commit(context, () => {
    const before = context.buckets.find(name);
    const suspended: Versioning = before && before.versioning !== '' ? 'Suspended' : '';
    context.buckets.save({
      name,
      created: before?.created ?? context.clock.now(),
      versioning: options.versioning ? 'Enabled' : suspended,
      cors: options.cors ?? [],
      tags: checkTags(Object.entries(options.tags ?? {}), 50),
      lifecycle,
    });
  });
  context.lifecycleChanged();
}

/** @throws S3Error NoSuchBucket, BucketNotEmpty */
export function removeBucket(context: S3Context, name: string): void {
  commit(context, (drop) => {
    context.buckets.require(name);
    if (!context.versions.isEmpty(name)) {
      throw new S3Error('BucketNotEmpty', { details: { BucketName: name } });
    }
    for (const id of context.uploads.idsOf(name)) {
      drop(context.uploads.parts(id).map(({ file }) => file));
      context.uploads.remove(id);
    }
    context.buckets.remove(name);
  });
}

function checkName(name: string): void {
  if (!BUCKET_NAME.test(name)) {
    throw new S3Error('InvalidBucketName', { details: { BucketName: name } });
  }
}

export function listAllBuckets(context: S3Context, request: S3Request): S3Response {
  const prefix = request.query('prefix') ?? '';
  const buckets = context.buckets.list().filter(({ name }) => name.startsWith(prefix));
  return xmlResponse('ListAllMyBucketsResult', {
    Owner: owner(context),
    Buckets: {
      Bucket: buckets.map(({ name, created }) => ({
        Name: name,
        CreationDate: isoTime(created),
        BucketRegion: context.region,
      })),
    },
    Prefix: request.query('prefix'),
  });
}

/** As in us-east-1, creating a bucket that one owns already succeeds and changes nothing. */
export async function createBucket(
  context: S3Context,
  request: BucketRequest,
): Promise<S3Response> {
  checkName(request.bucket);
  const text = await receiveText(request);
  if (text.trim() !== '') parseXml(text, 'CreateBucketConfiguration');
  if (!context.buckets.find(request.bucket)) saveBucket(context, request.bucket, {});
  return { status: 200, headers: { location: `/${request.bucket}` } };
}

export function headBucket(context: S3Context, request: BucketRequest): S3Response {
  context.buckets.require(request.bucket);
  return { status: 200, headers: { 'x-amz-bucket-region': context.region } };
}

export function deleteBucket(context: S3Context, request: BucketRequest): S3Response {
  removeBucket(context, request.bucket);
  return { status: 204 };
}

/** us-east-1 is the region that has no name here. */
export function getBucketLocation(context: S3Context, request: BucketRequest): S3Response {
  context.buckets.require(request.bucket);
  return xmlResponse('LocationConstraint', context.region === 'us-east-1' ? '' : context.region);
}

export function getBucketVersioning(context: S3Context, request: BucketRequest): S3Response {
  const { versioning } = context.buckets.require(request.bucket);
  return xmlResponse('VersioningConfiguration', { Status: versioning || undefined });
}

export async function putBucketVersioning(
  context: S3Context,
  request: BucketRequest,
): Promise<S3Response> {
  const document = parseXml(await receiveText(request), 'VersioningConfiguration');
  const status = textOf(document, 'Status')?.trim();
  if (status !== 'Enabled' && status !== 'Suspended') throw new S3Error('MalformedXML');
  commit(context, () => {
    const bucket: Bucket = context.buckets.require(request.bucket);
    context.buckets.save({ ...bucket, versioning: status });
  });
  return { status: 200 };
}
