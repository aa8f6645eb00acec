import type { ContentTypes } from './ports.ts';

/** What S3 and browsers say when nobody declared anything. */
const UNDECLARED = ['application/octet-stream', 'binary/octet-stream', ''];

/** Other names of the same. */
const ALIASES: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/apng': 'image/png',
  'image/heif': 'image/heic',
  'video/x-m4v': 'video/mp4',
  'audio/mp4': 'audio/x-m4a',
  'audio/m4a': 'audio/x-m4a',
  'audio/mp3': 'audio/mpeg',
  'audio/vnd.wave': 'audio/wav',
  'audio/wave': 'audio/wav',
  'audio/x-wav': 'audio/wav',
  'audio/x-flac': 'audio/flac',
  'application/x-pdf': 'application/pdf',
};
const COMPRESSED = ['application/gzip', 'application/x-gzip', 'application/zstd'];

/** Any text may be declared as any other: `text/plain` for a CSV file is no lie. */
export const TEXT =
  /^(text\/.+|application\/(json|x-ndjson|ndjson|jsonl|jsonlines|csv|xhtml\+xml|vnd\.ms-excel))$/;

/** @param detected undefined where the content is of no known type */
export function contentTypes(
  declared: string | undefined,
  detected: string | undefined,
): ContentTypes {
  const declaredType = bare(declared);
  const isDeclared = !UNDECLARED.includes(declaredType);
  return {
    ...(isDeclared && { declaredType }),
    ...(detected !== undefined && { detectedType: detected }),
    ...(isDeclared &&
      detected !== undefined &&
      !isTheSame(declaredType, detected) && { typeMismatch: true }),
  };
}

/** Without parameters such as `charset`. */
function bare(type: string | undefined): string {
  return (type ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

function isTheSame(declared: string, detected: string): boolean {
  if ((ALIASES[declared] ?? declared) === (ALIASES[detected] ?? detected)) return true;
  return TEXT.test(detected) && (TEXT.test(declared) || COMPRESSED.includes(declared));
}
