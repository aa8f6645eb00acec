import type { SearchIndex } from '@millrace/search-index';
import type { FileIdentity } from './file-identity.ts';
import type { Kind } from './kind.ts';
import type { UploadedVersion } from './object-change.ts';
import type { Derivatives, FileRecords, Quarantine, Uploads, Verdict } from './ports.ts';
import type { Processed } from './processor.ts';

export interface Recording {
  readonly files: FileRecords;
  readonly uploads: Uploads;
  readonly quarantine: Quarantine;
  readonly derivatives: Derivatives;
  readonly search: SearchIndex;
  readonly kind: Kind;
}

export type Recorded = 'ready' | 'rejected' | 'superseded';

/**
 * Records what became of a version, and clears away what older ones left; or what was made of this
 * one when it has been superseded: the newer version may have cleared up before all was written.
 */
export async function recordResult(
  file: FileIdentity,
  version: UploadedVersion,
  result: Exclude<Processed, { kind: 'handed-on' }>,
  { again = false, replaces }: { readonly again?: boolean; readonly replaces: boolean },
  ports: Recording,
): Promise<Recorded> {
  const recorded = await record(file, version, result, again, ports);
  if (recorded === 'superseded') await withdraw(file, version, ports);
  else if (replaces) await ports.derivatives.remove(file, (order) => order < version.order);
  return recorded;
}

/** Clears away what was made of a version. */
export async function withdraw(
  file: FileIdentity,
  version: UploadedVersion,
  { derivatives }: { readonly derivatives: Derivatives },
): Promise<void> {
  await derivatives.remove(file, (order) => order === version.order);
}

async function record(
  file: FileIdentity,
  version: UploadedVersion,
  result: Exclude<Processed, { kind: 'handed-on' }>,
  again: boolean,
  ports: Recording,
): Promise<Recorded> {
  const { files, uploads, quarantine, search, kind } = ports;
  // Bytes that were read by URL may have been a newer version's.
  if (!(await uploads.isThere(version))) return 'superseded';
  let verdict: Verdict;
  if (result.kind === 'rejected') {
    const { reason } = result;
    await withdraw(file, version, ports);
    if (!(await quarantine.keep(file, version, reason))) return 'superseded';
    verdict = { processorVersion: kind.version, status: 'rejected', reason };
  } else {
    const { facts, renditions, findable } = result;
    await search.put(file, version, { ...findable, name: file.name });
    verdict = { processorVersion: kind.version, status: 'ready', ...facts, renditions };
  }
  return (await files.complete(file, version, verdict, { again })) ? verdict.status : 'superseded';
}
