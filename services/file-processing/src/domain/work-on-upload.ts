import { TransientError } from '@millrace/middleware';
import { type FileIdentity, fileIdentity } from './file-identity.ts';
import type { Products, Work, WorkQueues } from './ports.ts';
import {
  type Processed,
  type Processor,
  rejected,
  UploadGone,
  type Workbench,
} from './processor.ts';
import { readUpload } from './read-upload.ts';
import { type Recorded, type Recording, recordResult, withdraw } from './record-result.ts';
import { judgeScan, type Scanner, type UnscannablePolicy } from './validation/scanner.ts';
import { leaseOf, type Shift, workbench } from './workbench.ts';

export interface Working extends Recording {
  readonly products: Products;
  readonly work: WorkQueues;
  readonly processor: Processor;
  readonly scanner: Scanner;
  readonly unscannable: UnscannablePolicy;
}

export type Outcome = Recorded | 'handed-on' | 'waiting' | 'duplicate';

/**
 * Processes one version: one correct result, however often the work comes. It may stop between any
 * two lines: the next attempt does what is missing.
 *
 * - The lease keeps two from doing the same at the same time; it runs out when its worker dies.
 * - What is made lies under the version, so attempts overwrite each other with the same bytes and
 *   versions never touch each other.
 * - The verdict is conditional on the sequencer.
 */
export async function workOnUpload(work: Work, shift: Shift, ports: Working): Promise<Outcome> {
  const { version, types, again = false, seenAt } = work;
  const { files, derivatives } = ports;
  const file = fileIdentity(version.bucket, version.key);
  const beginning = await files.begin(file, version, leaseOf(shift), {
    types,
    again,
    ...(seenAt !== undefined && { seenAt }),
  });
  switch (beginning.kind) {
    case 'superseded':
      await withdraw(file, version, ports);
      return 'superseded';
    case 'busy':
      // The message of whoever works on it is in the queue until he is done: this one is not needed.
      if (beginning.worker !== shift.worker) return 'duplicate';
      // The same message, delivered a second time: it must stay until the work is done.
      throw new TransientError('upload_in_work', 'Another worker has this upload.');
    case 'finished':
      if (beginning.replaces) await derivatives.remove(file, (order) => order < version.order);
      return 'duplicate';
    case 'begun': {
      const bench = workbench(file, version, shift, ports);
      const result = await resultOf(file, work, { bench, shift }, ports);
      if (result === 'waiting') return result;
      if (result === 'gone') {
        await withdraw(file, version, ports);
        return 'superseded';
      }
      if (result.kind === 'handed-on') return 'handed-on';
      const { replaces } = beginning;
      const recorded = await recordResult(file, version, result, { again, replaces }, ports);
      // What the processor made before and makes no more.
      if (recorded === 'ready' && again) await derivatives.prune(file, version, bench.stored);
      return recorded;
    }
  }
}

async function resultOf(
  file: FileIdentity,
  work: Work,
  { bench, shift }: { readonly bench: Workbench; readonly shift: Shift },
  ports: Working,
): Promise<Processed | 'waiting' | 'gone'> {
  const { version, mediaType } = work;
  const { uploads, processor, scanner, unscannable } = ports;
  const upload = readUpload(file, version, mediaType, uploads);
  try {
    const scanned = judgeScan(await scanner.scan(upload), unscannable);
    if (scanned.kind === 'rejected') return scanned;
    if (scanned.kind === 'pending') return await putOff(file, work, shift, ports);
    return await processor.process(upload, bench);
  } catch (error) {
    // Replaced or removed: the event of that is under way.
    if (error instanceof UploadGone) return 'gone';
    throw error;
  }
}

const WAIT_SECONDS = 15;
/** Half an hour. Scanners answer within minutes. */
const MOST_WAITS = 120;

/** The lease goes first: else the message that comes again would find it held. */
async function putOff(
  file: FileIdentity,
  work: Work,
  shift: Shift,
  { files, work: queues }: Working,
): Promise<Processed | 'waiting'> {
  const waits = (work.waits ?? 0) + 1;
  if (waits > MOST_WAITS) {
    return rejected(
      'not_scanned',
      'The file was not scanned for malware in time. Upload it again later.',
    );
  }
  await files.renew(file, work.version, { worker: shift.worker, until: 0 }, 0);
  await queues.send({ ...work, waits }, { delaySeconds: WAIT_SECONDS });
  return 'waiting';
}
