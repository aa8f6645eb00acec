import { contentEncodings } from './body-promises.ts';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';
import type { Attributes } from './version-table.ts';

const SYSTEM_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-language',
  'expires',
  'x-amz-server-side-encryption',
];

/** Headers whose silent loss would be worse than a refusal. */
const UNSUPPORTED_HEADERS = [
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-copy-source-server-side-encryption-customer-algorithm',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-legal-hold',
  'x-amz-write-offset-bytes',
];

/** Owner-enforced buckets (AWS's default since 2023) take no other. */
const ACCEPTED_ACLS = ['private', 'bucket-owner-full-control'];

const MAX_USER_METADATA_BYTES = 2048;

/**
 * The part of an object that its sender writes in headers: content type and its kin, and the user's
 * metadata.
 *
 * @throws S3Error NotImplemented, AccessControlListNotSupported, MetadataTooLarge
 */
export function readAttributes(request: S3Request): Attributes {
  refuseUnsupported(request);
  const attributes: Record<string, string> = {
    'content-type': request.header('content-type') || 'binary/octet-stream',
    'x-amz-server-side-encryption': 'AES256',
  };
  for (const name of SYSTEM_HEADERS) {
    const value = request.header(name);
    if (value !== undefined) attributes[name] = value;
  }
  const encodings = contentEncodings(request).filter((encoding) => encoding !== 'aws-chunked');
  if (encodings.length > 0) attributes['content-encoding'] = encodings.join(',');
  const storageClass = request.header('x-amz-storage-class');
  if (storageClass && storageClass !== 'STANDARD') attributes['x-amz-storage-class'] = storageClass;
  return { ...attributes, ...readUserMetadata(request) };
}

function refuseUnsupported(request: S3Request): void {
  const unsupported = UNSUPPORTED_HEADERS.find((name) => request.header(name) !== undefined);
  if (unsupported !== undefined) {
    throw new S3Error('NotImplemented', {
      message: `The local cloud does not implement the header ${unsupported}.`,
      details: { Header: unsupported },
    });
  }
  const acl = request.header('x-amz-acl');
  if (acl !== undefined && !ACCEPTED_ACLS.includes(acl)) {
    throw new S3Error('AccessControlListNotSupported');
  }
}

function readUserMetadata(request: S3Request): Record<string, string> {
  const metadata: Record<string, string> = {};
  let size = 0;
  for (const name of request.headerNames()) {
    if (!name.startsWith('x-amz-meta-')) continue;
    const value = request.header(name) ?? '';
    size += name.length - 'x-amz-meta-'.length + value.length;
    metadata[name] = value;
  }
  if (size > MAX_USER_METADATA_BYTES) {
    throw new S3Error('MetadataTooLarge', {
      details: { Size: String(size), MaxSizeAllowed: String(MAX_USER_METADATA_BYTES) },
    });
  }
  return metadata;
}
