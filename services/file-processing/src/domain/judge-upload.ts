import type { Reason, StoredRendition } from '@millrace/types';
import { fileTypeFromBuffer } from 'file-type';
import { byteReader } from './byte-reader.ts';
import type { FileIdentity } from './file-identity.ts';
import type { UploadedVersion } from './object-change.ts';
import type { Media, OpenedUpload, Quarantine, Rendered, Uploads, Verdict } from './ports.ts';
import type { Processed, Processor } from './processors/processor.ts';

/** What file-type wants to see to be sure. */
const HEAD_BYTES = 4100;

export interface Judges {
  readonly uploads: Uploads;
  readonly media: Media;
  readonly quarantine: Quarantine;
  readonly processors: readonly Processor[];
}

/**
 * Processes one version by what its bytes are, whatever its name says, and stores what came of it.
 * Every step overwrites what an attempt before wrote with the same bytes.
 *
 * @returns undefined when the version has been replaced or removed meanwhile
 */
export async function judgeUpload(
  file: FileIdentity,
  version: UploadedVersion,
  judges: Judges,
): Promise<Verdict | undefined> {
  const opened = await judges.uploads.open(version);
  if (!opened) return undefined;
  const { processed, detectedType } = await processContent(opened, judges.processors);
  const types = typesOf(opened.contentType, detectedType);
  if (processed.kind === 'rejected') {
    const { reason } = processed;
    const kept = await judges.quarantine.keep(file, version, reason);
    return kept ? { ...types, status: 'rejected', reason } : undefined;
  }
  const { image } = processed;
  const renditions = await storeAll(file, version, processed.renditions, judges.media);
  return { ...types, status: 'ready', ...(image && { image }), renditions };
}

async function processContent(
  { body, size }: OpenedUpload,
  processors: readonly Processor[],
): Promise<{ processed: Processed; detectedType?: string }> {
  const reader = byteReader(body);
  try {
    const head = await reader.head(HEAD_BYTES);
    if (head.byteLength === 0) return { processed: rejected('empty_file', EMPTY) };
    const detectedType = (await fileTypeFromBuffer(head))?.mime;
    if (detectedType === undefined) return { processed: unsupported('unknown', processors) };
    const processor = processors.find(({ mediaTypes }) => mediaTypes.includes(detectedType));
    if (!processor) return { processed: unsupported(detectedType, processors), detectedType };
    if (size > processor.maxBytes) return { processed: tooLarge(processor), detectedType };
    return { processed: await processor.process(await reader.all(), detectedType), detectedType };
  } finally {
    await reader.close();
  }
}

/** What S3 and browsers say when nobody declared anything. */
const UNDECLARED = ['application/octet-stream', 'binary/octet-stream'];

function typesOf(declaredType: string | undefined, detectedType: string | undefined) {
  const isDeclared = declaredType !== undefined && !UNDECLARED.includes(declaredType);
  return {
    ...(isDeclared && { declaredType }),
    ...(detectedType !== undefined && { detectedType }),
    ...(isDeclared &&
      detectedType !== undefined &&
      detectedType !== declaredType && { typeMismatch: true }),
  };
}

function storeAll(
  file: FileIdentity,
  version: UploadedVersion,
  renditions: readonly Rendered[],
  media: Media,
): Promise<StoredRendition[]> {
  return Promise.all(renditions.map((rendered) => media.store(file, version, rendered)));
}

const EMPTY = 'The file is empty. Upload it again.';

function rejected(code: string, message: string): Processed {
  const reason: Reason = { code, message };
  return { kind: 'rejected', reason };
}

function unsupported(detected: string, processors: readonly Processor[]): Processed {
  const accepted = processors.map(({ accepts }) => accepts).join('; ');
  return rejected(
    'unsupported_type',
    `The content of the file (${detected}) is not supported. Supported are: ${accepted}.`,
  );
}

function tooLarge({ accepts, maxBytes }: Processor): Processed {
  const limit = Math.floor(maxBytes / 1024 ** 2);
  return rejected('too_large', `The file is too large: ${accepts} may have at most ${limit} MiB.`);
}
