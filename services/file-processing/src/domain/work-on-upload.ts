import { TransientError } from '@millrace/middleware';
import type { FileIdentity } from './file-identity.ts';
import { fileIdentity } from './file-identity.ts';
import type { Kind } from './kind.ts';
import type {
  Derivatives,
  FileRecords,
  Products,
  Quarantine,
  Uploads,
  Verdict,
  Work,
} from './ports.ts';
import { type Processed, type Processor, UploadGone } from './processor.ts';
import { readUpload } from './read-upload.ts';
import { leaseOf, type Shift, workbench } from './workbench.ts';

export interface Working {
  readonly files: FileRecords;
  readonly uploads: Uploads;
  readonly products: Products;
  readonly quarantine: Quarantine;
  readonly derivatives: Derivatives;
  readonly kind: Kind;
  readonly processor: Processor;
}

export type Outcome = 'ready' | 'rejected' | 'handed-on' | 'duplicate' | 'superseded';

/**
 * Processes one version: one correct result, however often the work comes. It may stop between any
 * two lines: the next attempt does what is missing.
 *
 * - The lease keeps two from doing the same at the same time; it runs out when its worker dies.
 * - What is made lies under the version, so attempts overwrite each other with the same bytes and
 *   versions never touch each other.
 * - The verdict is conditional on the sequencer. Whoever finds himself superseded clears away what he
 *   made: the newer version may have cleared up before it was written.
 */
export async function workOnUpload(work: Work, shift: Shift, ports: Working): Promise<Outcome> {
  const { version, again = false } = work;
  const { files, derivatives } = ports;
  const file = fileIdentity(version.bucket, version.key);
  const withdraw = async (): Promise<Outcome> => {
    await derivatives.remove(file, (order) => order === version.order);
    return 'superseded';
  };
  const beginning = await files.begin(file, version, leaseOf(shift), { again });
  switch (beginning.kind) {
    case 'superseded':
      return await withdraw();
    case 'busy':
      // The message of whoever works on it is in the queue until he is done: this one is not needed.
      if (beginning.worker !== shift.worker) return 'duplicate';
      // The same message, delivered a second time: it must stay until the work is done.
      throw new TransientError(
        'upload_in_work',
        'Another worker has this upload; it will be seen again.',
      );
    case 'finished':
      if (beginning.replaces) await derivatives.remove(file, (order) => order < version.order);
      return 'duplicate';
    case 'begun': {
      const outcome = await make(file, work, shift, ports);
      if (outcome === 'superseded') return await withdraw();
      if (beginning.replaces) {
        await derivatives.remove(file, (order) => order < version.order);
      }
      return outcome;
    }
  }
}

async function make(
  file: FileIdentity,
  work: Work,
  shift: Shift,
  ports: Working,
): Promise<'ready' | 'rejected' | 'handed-on' | 'superseded'> {
  const { version, mediaType, types, again = false } = work;
  const { files, uploads, quarantine, derivatives, kind, processor } = ports;
  const upload = readUpload(file, version, mediaType, uploads);
  const processed = await processUnlessGone(
    processor.process(upload, workbench(file, version, shift, ports)),
  );
  if (!processed) return 'superseded';
  if (processed.kind === 'handed-on') return 'handed-on';
  // Bytes that were read by URL may have been a newer version's.
  if (!(await uploads.isThere(version))) return 'superseded';
  let verdict: Verdict;
  if (processed.kind === 'rejected') {
    const { reason } = processed;
    await derivatives.remove(file, (order) => order === version.order);
    if (!(await quarantine.keep(file, version, reason))) return 'superseded';
    verdict = { ...types, processorVersion: kind.version, status: 'rejected', reason };
  } else {
    const { facts, renditions } = processed;
    verdict = { ...types, processorVersion: kind.version, status: 'ready', ...facts, renditions };
  }
  return (await files.complete(file, version, verdict, { again })) ? verdict.status : 'superseded';
}

async function processUnlessGone(processing: Promise<Processed>): Promise<Processed | undefined> {
  try {
    return await processing;
  } catch (error) {
    if (error instanceof UploadGone) return undefined;
    throw error;
  }
}
