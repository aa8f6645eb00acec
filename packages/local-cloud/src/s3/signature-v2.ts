import { createHmac, timingSafeEqual } from 'node:crypto';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';

/** Parameters that belong to the resource which is signed; all others may be added by anyone. */
const SIGNED_PARAMETERS = new Set(
  `accelerate acl analytics cors defaultObjectAcl delete encryption inventory legal-hold lifecycle
   location logging metrics notification object-lock partNumber policy publicAccessBlock replication
   requestPayment restore retention select select-type tagging torrent uploadId uploads versionId
   versioning versions website response-content-type response-content-language response-expires
   response-cache-control response-content-disposition response-content-encoding`.split(/\s+/),
);

/**
 * Verifies a URL that was presigned the older way, as `aws s3 presign` of the AWS CLI 1 still does.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html#RESTAuthenticationQueryStringAuth
 *
 * @throws S3Error AccessDenied, InvalidAccessKeyId, SignatureDoesNotMatch
 */
export function verifyPresignedV2(
  request: S3Request,
  context: { readonly now: number; readonly credentials: ReadonlyMap<string, string> },
): void {
  const [accessKeyId, expires, signature] = ['AWSAccessKeyId', 'Expires', 'Signature'].map(
    (name) => request.query(name) ?? '',
  );
  if (!accessKeyId || !expires || !signature) {
    throw new S3Error('AccessDenied', {
      message:
        'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters',
    });
  }
  checkExpiry(expires, context.now);
  const secret = context.credentials.get(accessKeyId);
  if (secret === undefined) {
    throw new S3Error('InvalidAccessKeyId', { details: { AWSAccessKeyId: accessKeyId } });
  }
  const text = stringToSign(request, expires);
  const expected = createHmac('sha1', secret).update(text).digest();
  const provided = Buffer.from(signature, 'base64');
  if (expected.length === provided.length && timingSafeEqual(expected, provided)) return;
  throw new S3Error('SignatureDoesNotMatch', {
    details: {
      AWSAccessKeyId: accessKeyId,
      StringToSign: text,
      SignatureProvided: signature,
    },
  });
}

function checkExpiry(expires: string, now: number): void {
  if (!/^\d{1,12}$/.test(expires)) {
    throw new S3Error('AccessDenied', {
      message: `Invalid date (should be seconds since epoch): ${expires}`,
    });
  }
  if (now <= Number(expires) * 1000) return;
  throw new S3Error('AccessDenied', {
    message: 'Request has expired',
    details: {
      Expires: new Date(Number(expires) * 1000).toISOString(),
      ServerTime: new Date(now).toISOString(),
    },
  });
}

function stringToSign(request: S3Request, expires: string): string {
  const amzHeaders = [...request.wireHeaders]
    .filter(([name]) => name.startsWith('x-amz-'))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value.trim()}\n`);
  return [
    request.method,
    request.wireHeaders.get('content-md5') ?? '',
    request.wireHeaders.get('content-type') ?? '',
    expires,
    `${amzHeaders.join('')}${resource(request)}`,
  ].join('\n');
}

/** Bucket and key as they are on the wire, and the parameters that name a sub-resource. */
function resource(request: S3Request): string {
  const path = (request.wire.url ?? '/').split('?', 1)[0] ?? '/';
  const bucket = isPathStyle(request) ? '' : `/${request.bucket}`;
  const parameters = request.parameters
    .filter(([name]) => SIGNED_PARAMETERS.has(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  return `${bucket}${path}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`;
}

/** Otherwise the bucket is in the host's name, and the path is the key alone. */
function isPathStyle({ bucket, key, path }: S3Request): boolean {
  return bucket === undefined || path === `/${bucket}` || path === `/${bucket}/${key ?? ''}`;
}
