import { ProblemError } from '@millrace/types';

/** Seconds that the URLs of an upload are good for. */
export const UPLOAD_URL_SECONDS = 3600;

export const expiryOf = (now: number): string =>
  new Date(now + UPLOAD_URL_SECONDS * 1000).toISOString();

export function expired(): ProblemError {
  return new ProblemError(
    'upload_expired',
    'This upload takes no more bytes. See GET /files/{id}, or announce the file again.',
  );
}
