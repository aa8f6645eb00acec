import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  getBucketVersioning,
  headBucket,
  listAllBuckets,
  putBucketVersioning,
} from './buckets.ts';
import { completeMultipartUpload } from './complete-upload.ts';
import type { BucketRequest, ObjectRequest, Operation, S3Context } from './context.ts';
import { copyObject } from './copy-object.ts';
import { deleteBucketCors, getBucketCors, preflight, putBucketCors } from './cors.ts';
import { deleteObject, deleteObjects } from './delete-objects.ts';
import { S3Error } from './errors.ts';
import { getObject } from './get-object.ts';
import { deleteBucketLifecycle, getBucketLifecycle, putBucketLifecycle } from './lifecycle.ts';
import { listObjectsV1, listObjectsV2 } from './list-objects.ts';
import { listObjectVersions } from './list-versions.ts';
import { putObject } from './put-object.ts';
import type { S3Request } from './request.ts';
import type { S3Response } from './response.ts';
import { authenticate } from './signature.ts';
import {
  deleteBucketTagging,
  deleteObjectTagging,
  getBucketTagging,
  getObjectTagging,
  putBucketTagging,
  putObjectTagging,
} from './tagging.ts';
import { uploadPart, uploadPartCopy } from './upload-part.ts';
import {
  abortMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
} from './uploads.ts';

/** Operations by method and sub-resource (`''` = none). */
const BUCKET_OPERATIONS: Record<string, Operation<BucketRequest>> = {
  'GET ': (context, request) =>
    request.query('list-type') === '2'
      ? listObjectsV2(context, request)
      : listObjectsV1(context, request),
  'GET cors': getBucketCors,
  'GET lifecycle': getBucketLifecycle,
  'GET location': getBucketLocation,
  'GET tagging': getBucketTagging,
  'GET uploads': listMultipartUploads,
  'GET versioning': getBucketVersioning,
  'GET versions': listObjectVersions,
  'HEAD ': headBucket,
  'PUT ': createBucket,
  'PUT cors': putBucketCors,
  'PUT lifecycle': putBucketLifecycle,
  'PUT tagging': putBucketTagging,
  'PUT versioning': putBucketVersioning,
  'POST delete': deleteObjects,
  'DELETE ': deleteBucket,
  'DELETE cors': deleteBucketCors,
  'DELETE lifecycle': deleteBucketLifecycle,
  'DELETE tagging': deleteBucketTagging,
};

const OBJECT_OPERATIONS: Record<string, Operation<ObjectRequest>> = {
  'GET ': getObject,
  'GET tagging': getObjectTagging,
  'GET uploadId': listParts,
  'HEAD ': getObject,
  'PUT ': (context, request) => isCopy(request, copyObject, putObject)(context, request),
  'PUT tagging': putObjectTagging,
  'PUT uploadId': (context, request) =>
    isCopy(request, uploadPartCopy, uploadPart)(context, request),
  'POST uploads': createMultipartUpload,
  'POST uploadId': completeMultipartUpload,
  'DELETE ': deleteObject,
  'DELETE tagging': deleteObjectTagging,
  'DELETE uploadId': abortMultipartUpload,
};

function isCopy<T>(request: S3Request, copy: T, put: T): T {
  return request.header('x-amz-copy-source') === undefined ? put : copy;
}

/** Parameters that make a request another operation; those without one here are refused. */
const SUB_RESOURCES = new Set(
  `accelerate acl analytics attributes cors delete encryption intelligent-tiering inventory
   legal-hold lifecycle location logging metadataTable metrics notification object-lock
   ownershipControls policy policyStatus publicAccessBlock replication requestPayment restore
   retention select tagging torrent uploadId uploads versioning versions website`.split(/\s+/),
);

/** Serves one request. @throws S3Error */
export async function route(context: S3Context, request: S3Request): Promise<S3Response> {
  const { bucket, key, method } = request;
  if (method === 'OPTIONS' && bucket !== undefined) {
    return preflight(context, { ...request, bucket });
  }
  const { clock } = context;
  authenticate(request, { ...context, now: clock.now(), arrivalOf: clock.arrivalOf });
  const subResource = request.parameters.find(([name]) => SUB_RESOURCES.has(name))?.[0] ?? '';
  const name = `${method} ${subResource}`;
  if (bucket === undefined) {
    if (name === 'GET ') return listAllBuckets(context, request);
  } else if (key === undefined) {
    const operation = BUCKET_OPERATIONS[name];
    if (operation) return operation(context, { ...request, bucket });
  } else {
    const operation = OBJECT_OPERATIONS[name];
    if (operation) return operation(context, { ...request, bucket, key });
  }
  throw unsupported(method, subResource);
}

function unsupported(method: string, subResource: string): S3Error {
  if (subResource === '' && method !== 'POST') return new S3Error('MethodNotAllowed');
  return new S3Error('NotImplemented', {
    message: `The local cloud does not implement ${method}${subResource && ` ?${subResource}`} here.`,
  });
}
