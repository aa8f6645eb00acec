import type { Reason } from '@millrace/types';
import { fileIdentity } from './file-identity.ts';
import type { UploadedVersion } from './object-change.ts';
import type { FileRecords } from './ports.ts';

/** What the sender reads when the fault is ours. */
export const PROCESSING_FAILED: Reason = {
  code: 'processing_failed',
  message:
    'The file could not be processed. It is kept, and the operators have been told; nothing needs to be uploaded again.',
};

/** Keeps work that was given up where operators find it. */
export interface Failures {
  keep(message: string, reason: Reason): Promise<void>;
}

/**
 * Records that a version could not be processed and keeps the work for an operator. The record goes
 * last: an interruption keeps the work twice, never a failed file without its work.
 *
 * @param version undefined where the work cannot be read
 */
export async function giveUp(
  given: { readonly message: string; readonly version: UploadedVersion | undefined },
  reason: Reason,
  { files, failures }: { readonly files: FileRecords; readonly failures: Failures },
): Promise<void> {
  const { message, version } = given;
  await failures.keep(message, reason);
  if (!version) return;
  await files.fail(fileIdentity(version.bucket, version.key), version, reason);
}
