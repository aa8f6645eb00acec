import { PermanentError } from '@millrace/middleware';
import {
  comparableSequencer,
  type FileItem,
  type FoundFiles,
  type LookedFiles,
  type RedoneFiles,
  type RedoScope,
  type SeenFile,
} from '@millrace/types';
import { fileIdentity } from './file-identity.ts';
import type { Kind } from './kind.ts';
import type { UploadedVersion } from './object-change.ts';
import { type Routing, sendOn } from './route-upload.ts';

export interface FilePage {
  readonly items: readonly FileItem[];
  /** Where the next page goes on; absent on the last. */
  readonly cursor?: string;
}

export interface FileCatalogue {
  find(file: { readonly tenant: string; readonly fileId: string }): Promise<FileItem | undefined>;
  /**
   * Files whose object's key has the prefix, in no order; a page may be empty though others follow.
   *
   * @throws PermanentError `cursor_invalid`
   */
  page(prefix: string, cursor: string | undefined): Promise<FilePage>;
}

export interface Redoing extends Routing {
  readonly catalogue: FileCatalogue;
}

/** A page of files that have a verdict which is to be replaced. @throws PermanentError `cursor_invalid`, `kind_unknown` */
export async function findToRedo(
  wanted: Wanted & { readonly prefix: string; readonly cursor?: string | undefined },
  { catalogue, kinds }: Pick<Redoing, 'catalogue' | 'kinds'>,
): Promise<FoundFiles> {
  requireKnown(wanted.kind, kinds);
  const { items, cursor } = await catalogue.page(wanted.prefix, wanted.cursor);
  const files = items
    .filter((item) => isToRedo(item, wanted, kinds))
    .map(({ tenant, fileId, key, status, sequencer = '', updatedAt, kind, processorVersion }) => ({
      ...{ tenant, fileId, key, status, order: sequencer, seenAt: updatedAt },
      ...(kind !== undefined && { kind }),
      ...(processorVersion !== undefined && { processorVersion }),
    }));
  return { files, ...(cursor !== undefined && { cursor }) };
}

interface Wanted {
  readonly scope: RedoScope;
  /** Files of this kind only. */
  readonly kind?: string | undefined;
}

/** @throws PermanentError `kind_unknown` */
function requireKnown(kind: string | undefined, kinds: readonly Kind[]): void {
  if (kind === undefined || kinds.some(({ name }) => name === kind)) return;
  const known = kinds.map(({ name }) => name).join(', ');
  throw new PermanentError('kind_unknown', `There is no kind "${kind}". Known are: ${known}.`);
}

/** A version that had failed is of every scope: it has no result of any processor. */
function isToRedo(
  { status, kind, processorVersion }: FileItem,
  { scope, kind: only }: Wanted,
  kinds: readonly Kind[],
): boolean {
  if (only !== undefined && kind !== only) return false;
  if (status === 'failed') return true;
  if (status !== 'ready' && status !== 'rejected') return false;
  if (scope !== 'outdated') return scope === 'all';
  // Rejected before any processor saw it.
  if (status === 'rejected' && processorVersion === undefined) return false;
  return kinds.some(({ name, version }) => name === kind && version > (processorVersion ?? 0));
}

/**
 * Has one version processed again. Its old result is shown until the new one takes its place; a
 * version that had failed is processed like a new one. May be repeated: it is done once.
 */
export async function redoUpload(
  seen: SeenFile,
  ports: Redoing,
): Promise<RedoneFiles['outcomes'][number]> {
  const item = await ports.catalogue.find(seen);
  const version = item && versionOf(item);
  if (!item || !version || item.sequencer !== seen.order || item.updatedAt !== seen.seenAt) {
    return 'changed';
  }
  const file = fileIdentity(item.bucket, item.key);
  const replacing = item.status === 'failed' ? undefined : { seenAt: seen.seenAt };
  const sent = await sendOn(file, version, ports, replacing);
  return sent === 'superseded' ? 'changed' : sent;
}

/** What became of a version that was to be done again. */
export async function lookAfter(
  seen: SeenFile,
  { catalogue }: Pick<Redoing, 'catalogue'>,
): Promise<LookedFiles['states'][number]> {
  const item = await catalogue.find(seen);
  if (item?.sequencer !== seen.order) return 'gone';
  const { status, updatedAt } = item;
  if (updatedAt === seen.seenAt) return 'waiting';
  return status === 'ready' || status === 'rejected' || status === 'failed' ? status : 'waiting';
}

/** Undefined of a file whose bytes have not arrived. */
function versionOf(item: FileItem): UploadedVersion | undefined {
  const { bucket, key, sequencer: order, eTag, size, updatedAt } = item;
  if (order === undefined || eTag === undefined || size === undefined) return undefined;
  return { bucket, key, happenedAt: updatedAt, sequencer: givenSequencer(item), order, eTag, size };
}

/** Records of the time before it was kept tell it by what was made; else the padding is taken away. */
function givenSequencer({ version, sequencer = '', renditions = [] }: FileItem): string {
  const named = renditions.map(({ key }) => key.split('/')[2] ?? '');
  return (
    version ??
    named.find((name) => comparableSequencer(name) === sequencer) ??
    sequencer.replace(/0+$/, '')
  );
}
