import type { Reason } from '@millrace/types';
import type { Sample } from '../kind.ts';
import { isExecutable } from './executables.ts';
import { endsAsZip, hasPdfHeader, hidesInHead } from './polyglots.ts';

/** How much of the end `judgeEnds` wants: the longest comment of a ZIP and the record before it. */
export const TAIL_BYTES = 0xffff + 22;

/** What is wrong with a file by its first bytes, before any kind is asked. */
export function judgeSample({ bytes, signature = '' }: Sample): Reason | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isExecutable(head)) return EXECUTABLE;
  const isPerceived = /^(?:image|audio|video)\//.test(signature);
  if (isPerceived && hidesInHead(head)) return POLYGLOT;
  // A text may speak of PDF; nothing binary does so by chance.
  const isBinary = signature !== '' && signature !== 'application/pdf' && !isMarkup(signature);
  if (isBinary && hasPdfHeader(head)) return POLYGLOT;
  return undefined;
}

/**
 * What is wrong with a file by its first and last bytes.
 *
 * @param tail the last `TAIL_BYTES` as they were uploaded, or the whole file where it is shorter
 */
export function judgeEnds(sample: Sample, tail: Uint8Array): Reason | undefined {
  const isZip = sample.compression === undefined && isZipHead(sample.bytes);
  if (isZip) return undefined;
  const end = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength);
  return endsAsZip(end) ? POLYGLOT : undefined;
}

function isMarkup(signature: string): boolean {
  return signature.startsWith('text/') || signature.endsWith('xml');
}

function isZipHead([first, second]: Uint8Array): boolean {
  return first === 0x50 && second === 0x4b;
}

const EXECUTABLE = reasonFor(
  'executable_file',
  'The file is a program. Programs are not accepted, whatever their name.',
);
const POLYGLOT = reasonFor(
  'polyglot_file',
  'The file is of two formats at once. Open it in its own program, save it again and upload that.',
);

function reasonFor(code: string, message: string): Reason {
  return { code, message };
}
