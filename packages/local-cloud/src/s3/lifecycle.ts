import { receiveText } from './body.ts';
import type { Bucket } from './bucket-table.ts';
import { type BucketRequest, commit, type S3Context } from './context.ts';
import { S3Error } from './errors.ts';
import { readLifecycle, renderRule } from './lifecycle-document.ts';
import { currentExpiry, type LifecycleRule } from './lifecycle-rules.ts';
import { type S3Response, xmlResponse } from './response.ts';
import type { Version } from './version-table.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLifecycleConfiguration.html */
export function getBucketLifecycle(context: S3Context, request: BucketRequest): S3Response {
  const { lifecycle } = context.buckets.require(request.bucket);
  if (lifecycle.length === 0) throw new S3Error('NoSuchLifecycleConfiguration');
  return xmlResponse('LifecycleConfiguration', { Rule: lifecycle.map(renderRule) });
}

/** Objects that the new rules end already go at once; AWS takes up to a day or two. */
export async function putBucketLifecycle(
  context: S3Context,
  request: BucketRequest,
): Promise<S3Response> {
  context.buckets.require(request.bucket);
  saveLifecycle(context, request, readLifecycle(await receiveText(request)));
  context.lifecycleChanged();
  return { status: 200 };
}

export function deleteBucketLifecycle(context: S3Context, request: BucketRequest): S3Response {
  saveLifecycle(context, request, []);
  return { status: 204 };
}

function saveLifecycle(
  context: S3Context,
  request: BucketRequest,
  lifecycle: readonly LifecycleRule[],
): void {
  commit(context, () => {
    context.buckets.save({ ...context.buckets.require(request.bucket), lifecycle });
  });
}

/** Tells, with the answers that show a current object, when and by which rule it ends. */
export function expirationHeader(
  { lifecycle }: Bucket,
  version: Version,
): Record<string, string | undefined> {
  const expiry = version.isLatest ? currentExpiry(lifecycle, version) : undefined;
  if (!expiry) return {};
  const date = new Date(expiry.at).toUTCString();
  const rule = encodeURIComponent(expiry.ruleId);
  return { 'x-amz-expiration': `expiry-date="${date}", rule-id="${rule}"` };
}
