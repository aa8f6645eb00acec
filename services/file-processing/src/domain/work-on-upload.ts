import { TransientError } from '@millrace/middleware';
import { type FileIdentity, fileIdentity } from './file-identity.ts';
import type { Products, Work, WorkQueues } from './ports.ts';
import {
  LeaseLost,
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
      try {
        return await workLeased(file, work, { shift, replaces: beginning.replaces }, ports);
      } catch (error) {
        // Where even this fails, the next attempt waits until the lease runs out.
        await release(file, work, shift, ports).catch(() => undefined);
        throw error;
      }
    }
  }
}

async function workLeased(
  file: FileIdentity,
  work: Work,
  { shift, replaces }: { readonly shift: Shift; readonly replaces: boolean },
  ports: Working,
): Promise<Outcome> {
  const { version, again = false } = work;
  const bench = workbench(file, version, shift, ports);
  const result = await resultOf(file, work, { bench, shift }, ports);
  if (result === 'waiting') return result;
  const holding = typeof result === 'string' ? result : await bench.keep();
  // What lies there is now the result of whoever took over.
  if (holding === 'lost') return 'duplicate';
  if (typeof result === 'string' || holding === 'superseded') {
    await withdraw(file, version, ports);
    return 'superseded';
  }
  if (result.kind === 'handed-on') return 'handed-on';
  // What the processor made before and makes no more; first, for the verdict ends the work.
  if (again && result.kind === 'processed') {
    await ports.derivatives.prune(file, version, bench.stored);
  }
  return await recordResult(file, version, result, { again, replaces }, ports);
}

/** Whoever comes next need not wait until the lease runs out. */
async function release(
  file: FileIdentity,
  { version }: Work,
  { worker }: Shift,
  { files }: Working,
): Promise<void> {
  await files.renew(file, version, { worker, until: 0 }, 0);
}

async function resultOf(
  file: FileIdentity,
  work: Work,
  { bench, shift }: { readonly bench: Workbench; readonly shift: Shift },
  ports: Working,
): Promise<Processed | 'waiting' | 'gone' | 'lost'> {
  const { version, mediaType } = work;
  const { uploads, processor, scanner, unscannable } = ports;
  const upload = readUpload(file, version, mediaType, uploads);
  try {
    const scanned = judgeScan(await scanner.scan(upload), unscannable);
    if (scanned.kind === 'rejected') return scanned;
    if (scanned.kind === 'pending') return await putOff(file, work, shift, ports);
    return await processor.process(upload, bench);
  } catch (error) {
    // Programs that are stopped by the signal fail with errors of their own.
    const cause = bench.signal.aborted ? bench.signal.reason : error;
    if (cause instanceof LeaseLost) return 'lost';
    // Replaced or removed: the event of that is under way.
    if (cause instanceof UploadGone || error instanceof UploadGone) return 'gone';
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
  ports: Working,
): Promise<Processed | 'waiting'> {
  const waits = (work.waits ?? 0) + 1;
  if (waits > MOST_WAITS) {
    return rejected(
      'not_scanned',
      'The file was not scanned for malware in time. Upload it again later.',
    );
  }
  await release(file, work, shift, ports);
  await ports.work.send({ ...work, waits }, { delaySeconds: WAIT_SECONDS });
  return 'waiting';
}
