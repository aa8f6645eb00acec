import { type Checksum, type FileItem, ProblemError } from '@millrace/types';

/** What S3 computes where the sender named no other; it can tell it of parts and of the whole. */
const DEFAULT_ALGORITHM = 'CRC64NVME';

/** An upload has one algorithm: S3 combines the checksums of parts only where they are of one. */
export function checksumAlgorithmOf({ checksum }: Pick<FileItem, 'checksum'>) {
  return checksum?.algorithm ?? DEFAULT_ALGORITHM;
}

/**
 * S3 knows the SHA-256 of a multipart object only as one of its parts' SHA-256s, which a sender
 * cannot know beforehand.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 *
 * @throws ProblemError invalid_request
 */
export function requireOfWhole(checksum: Checksum | undefined): void {
  if (checksum?.algorithm !== 'SHA256') return;
  throw unfit('/checksum/algorithm', 'a file of this size takes CRC64NVME, CRC32 or CRC32C');
}

/** @throws ProblemError invalid_request where the upload was begun with another algorithm */
export function requireAlgorithm(
  item: FileItem,
  checksum: Checksum | undefined,
  path: string,
): void {
  const algorithm = checksumAlgorithmOf(item);
  if (checksum === undefined || checksum.algorithm === algorithm) return;
  throw unfit(`${path}/algorithm`, `this upload takes ${algorithm}`);
}

export function mismatch(): ProblemError {
  return new ProblemError(
    'checksum_mismatch',
    'The bytes that arrived are not those of the checksum. Send the wrong parts again, or announce the file again.',
  );
}

function unfit(path: string, message: string): ProblemError {
  return new ProblemError('invalid_request', 'The checksum cannot be used here.', {
    violations: [{ path, message }],
  });
}
