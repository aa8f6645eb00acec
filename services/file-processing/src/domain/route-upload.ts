import { buffer } from 'node:stream/consumers';
import type { Reason } from '@millrace/types';
import { contentTypes, TEXT } from './content-types.ts';
import { type FileIdentity, fileIdentity } from './file-identity.ts';
import type { Kind, Sample } from './kind.ts';
import type { UploadedVersion } from './object-change.ts';
import type {
  ContentTypes,
  Derivatives,
  FileRecords,
  Quarantine,
  Uploads,
  Work,
  WorkQueues,
} from './ports.ts';
import { SAMPLE_BYTES, takeSample } from './take-sample.ts';
import { judgeEnds, judgeSample, TAIL_BYTES } from './validation/structure.ts';

export interface Routing {
  readonly files: FileRecords;
  readonly uploads: Uploads;
  readonly quarantine: Quarantine;
  readonly derivatives: Derivatives;
  readonly work: WorkQueues;
  readonly kinds: readonly Kind[];
}

export type Routed = 'queued' | 'rejected' | 'duplicate' | 'superseded';

/**
 * Tells what an upload is by its first bytes, and sends it to the processor of its kind or rejects
 * it. It may stop between any two lines: the next attempt of the same event does what is missing.
 *
 * - A claim is conditional on the sequencer, so an older version never overwrites a newer.
 * - Work is sent before it is recorded as queued: sent twice it is done once, by the worker's lease.
 */
export async function routeUpload(version: UploadedVersion, ports: Routing): Promise<Routed> {
  const { files, derivatives } = ports;
  const file = fileIdentity(version.bucket, version.key);
  const claim = await files.claim(file, version);
  if (claim.kind === 'superseded') {
    await derivatives.remove(file, (order) => order === version.order);
    return 'superseded';
  }
  const isNew = claim.kind === 'claimed' && !claim.isQueued;
  const routed = isNew ? await sendOn(file, version, ports) : 'duplicate';
  if (routed !== 'superseded' && claim.replaces) {
    await derivatives.remove(file, (order) => order < version.order);
  }
  return routed;
}

/** The verdict that is to be replaced: what the record said when that was decided. */
export interface Replacing {
  readonly seenAt: string;
}

/**
 * Sends a claimed version to the processor of its kind, or records that it is rejected; with
 * `replacing` a verdict that is there stays until the new one takes its place.
 */
export async function sendOn(
  file: FileIdentity,
  version: UploadedVersion,
  ports: Routing,
  replacing?: Replacing,
): Promise<Exclude<Routed, 'duplicate'>> {
  const { files, quarantine, derivatives, work } = ports;
  const found = await inspect(file, version, ports);
  // Replaced or removed: the event of that is under way, and will clear away what is here.
  if (found.kind === 'gone') return 'superseded';
  if (found.kind === 'work') {
    await work.send({ ...found.work, ...(replacing && { again: true, ...replacing }) });
    await files.queue(file, version, found.work.types);
    return 'queued';
  }
  const { reason, types } = found;
  if (replacing) await derivatives.remove(file, (order) => order === version.order);
  if (!(await quarantine.keep(file, version, reason))) return 'superseded';
  const verdict = { ...types, status: 'rejected' as const, reason };
  if (await files.complete(file, version, verdict, { again: replacing !== undefined })) {
    return 'rejected';
  }
  await derivatives.remove(file, (order) => order === version.order);
  return 'superseded';
}

type Found =
  | { readonly kind: 'gone' }
  | { readonly kind: 'work'; readonly work: Work }
  | { readonly kind: 'rejected'; readonly reason: Reason; readonly types: ContentTypes };

async function inspect(
  file: FileIdentity,
  version: UploadedVersion,
  { uploads, kinds }: Routing,
): Promise<Found> {
  // A range of nothing cannot be asked for, and there is no type to tell.
  if (version.size === 0) {
    if (!(await uploads.isThere(version))) return { kind: 'gone' };
    return { kind: 'rejected', reason: EMPTY, types: {} };
  }
  const opened = await uploads.open(version, { from: 0, to: SAMPLE_BYTES - 1 });
  if (!opened) return { kind: 'gone' };
  const head = await collect(opened.body);
  const declaredType = opened.contentType;
  const sample = await takeSample(head, {
    name: file.name,
    size: version.size,
    ...(declaredType !== undefined && { declaredType }),
  });
  const { kind, mediaType } = recognize(sample, kinds);
  const types = contentTypes(declaredType, mediaType ?? sample.signature);
  const reject = (reason: Reason): Found => ({ kind: 'rejected', reason, types });
  const suspect = judgeSample(sample) ?? (await judgeEnd(sample, head, version, uploads));
  if (suspect === 'gone') return { kind: 'gone' };
  if (suspect) return reject(suspect);
  if (!kind || mediaType === undefined) return reject(unsupported(sample, kinds));
  if (types.typeMismatch && TEXT.test(mediaType)) return reject(notAsDeclared(types, mediaType));
  if (version.size > kind.maxBytes) return reject(tooLarge(kind));
  const work = { version, kind: kind.name, mediaType, types: { ...types, kind: kind.name } };
  return { kind: 'work', work };
}

async function judgeEnd(
  sample: Sample,
  head: Uint8Array,
  version: UploadedVersion,
  uploads: Uploads,
): Promise<Reason | 'gone' | undefined> {
  if (version.size <= head.byteLength) return judgeEnds(sample, head.subarray(-TAIL_BYTES));
  const range = { from: Math.max(0, version.size - TAIL_BYTES), to: version.size - 1 };
  const opened = await uploads.open(version, range);
  return opened ? judgeEnds(sample, await collect(opened.body)) : 'gone';
}

/** The first of the kinds that knows the sample. */
export function recognize(
  sample: Sample,
  kinds: readonly Kind[],
): { readonly kind?: Kind; readonly mediaType?: string } {
  for (const kind of kinds) {
    const mediaType = kind.recognize(sample);
    if (mediaType !== undefined) return { kind, mediaType };
  }
  return {};
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return await buffer(body);
}

const EMPTY: Reason = { code: 'empty_file', message: 'The file is empty. Upload it again.' };

function unsupported({ signature }: Sample, kinds: readonly Kind[]): Reason {
  const accepted = kinds.map(({ accepts }) => accepts).join('; ');
  return {
    code: 'unsupported_type',
    message: `The content of the file (${signature ?? 'unknown'}) is not supported. Supported are: ${accepted}.`,
  };
}

/**
 * Text has no signature: what is said to be a picture and is text is a broken upload or a disguise.
 * A picture of another format than declared is processed, and the record tells of it.
 */
function notAsDeclared({ declaredType }: ContentTypes, detected: string): Reason {
  return {
    code: 'type_mismatch',
    message: `The file was announced as ${declaredType} but holds ${detected}. Upload the right file, or announce it as what it is.`,
  };
}

function tooLarge({ accepts, maxBytes }: Kind): Reason {
  const limit = Math.floor(maxBytes / 1024 ** 2).toLocaleString('en');
  return {
    code: 'too_large',
    message: `The file is too large: ${accepts} may have at most ${limit} MiB.`,
  };
}
