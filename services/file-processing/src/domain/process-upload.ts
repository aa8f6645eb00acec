import { fileIdentity } from './file-identity.ts';
import { type Judges, judgeUpload } from './judge-upload.ts';
import type { UploadedVersion } from './object-change.ts';
import type { Derivatives, FileRecords } from './ports.ts';

export interface UploadProcessing extends Judges {
  readonly files: FileRecords;
  readonly derivatives: Derivatives;
}

export type Outcome = 'ready' | 'rejected' | 'duplicate' | 'superseded';

/**
 * One correct result per version, however often and in whatever order the events come. It may stop
 * between any two lines: the next attempt of the same event does what is missing.
 *
 * - Claim and verdict are conditional on the sequencer, so an older version never overwrites a newer.
 * - Renditions lie under the version, so attempts overwrite each other with the same bytes and
 *   versions never touch each other.
 * - Whoever finds himself superseded clears away his own renditions: the newer version may have
 *   cleared up before they were written.
 */
export async function processUpload(
  version: UploadedVersion,
  { files, derivatives, ...judges }: UploadProcessing,
): Promise<Outcome> {
  const file = fileIdentity(version.bucket, version.key);
  const withdraw = async (): Promise<Outcome> => {
    await derivatives.remove(file, (order) => order === version.order);
    return 'superseded';
  };

  const claim = await files.claim(file, version);
  if (claim.kind === 'superseded') return withdraw();
  let outcome: Outcome = 'duplicate';
  if (claim.kind === 'claimed') {
    const verdict = await judgeUpload(file, version, judges);
    // Replaced or removed: the event of that is under way, and will clear away what is here.
    if (!verdict) return 'superseded';
    if (!(await files.complete(file, version, verdict))) return withdraw();
    outcome = verdict.status;
  }
  if (claim.replaces) await derivatives.remove(file, (order) => order < version.order);
  return outcome;
}
