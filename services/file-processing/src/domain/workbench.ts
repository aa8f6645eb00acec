import type { StoredRendition } from '@millrace/types';
import type { FileIdentity } from './file-identity.ts';
import type { UploadedVersion } from './object-change.ts';
import type { FileRecords, Holding, Lease, Products } from './ports.ts';
import { LeaseLost, UploadGone, type Workbench } from './processor.ts';

/** Longer than a few heartbeats, shorter than anybody wants to wait for a dead worker. */
const LEASE_MS = 30_000;

/** What is written of the progress: each of these is a write to the table. */
const SHOWN_STEP = 10;

export interface Shift {
  /** The message that the work came by. */
  readonly worker: string;
  /** Called every few seconds while the work lasts. */
  readonly onBeat: (listener: () => Promise<void>) => void;
  /** Aborted shortly before the function is stopped. */
  readonly deadline: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function leaseOf({ worker, now }: Shift): Lease {
  return { worker, until: now() + LEASE_MS };
}

export function workbench(
  file: FileIdentity,
  version: UploadedVersion,
  shift: Shift,
  { files, products }: { readonly files: FileRecords; readonly products: Products },
): Workbench & {
  /** The keys of all that was stored. */
  readonly stored: ReadonlySet<string>;
  /** Keeps the lease for what is to be done with the result. */
  keep(): Promise<Holding>;
} {
  const lost = new AbortController();
  let reached = 0;
  let shown = 0;
  const renew = async () => {
    shown = reached;
    const holding = await files.renew(file, version, leaseOf(shift), shown);
    if (holding === 'lost') lost.abort(new LeaseLost());
    if (holding === 'superseded') lost.abort(new UploadGone());
    return holding;
  };
  shift.onBeat(async () => void (await renew()));
  const stored = new Set<string>();
  const noted = async (storing: Promise<StoredRendition>) => {
    const rendition = await storing;
    stored.add(rendition.key);
    return rendition;
  };
  return {
    stored,
    keep: renew,
    store: (artefact) => noted(products.store(file, version, artefact)),
    collect: (rows) => noted(products.collect(file, version, rows)),
    signal: AbortSignal.any([lost.signal, shift.deadline]),
    async progress(percent) {
      reached = Math.max(reached, Math.min(100, Math.floor(percent)));
      if (reached - shown >= SHOWN_STEP) await renew();
    },
  };
}
