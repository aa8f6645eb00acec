import { S3ServiceException } from '@aws-sdk/client-s3';

/**
 * The object is not there any more (404) or not in the wanted version (412).
 * Without s3:ListBucket S3 answers 403 for a missing object, so the roles have it.
 */
export function isGone(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  const status = error.$metadata.httpStatusCode;
  return status === 404 || status === 412;
}

export function isNoBucket(error: unknown): boolean {
  return error instanceof S3ServiceException && error.name === 'NoSuchBucket';
}
