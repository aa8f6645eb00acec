import { createGunzip, createZstdDecompress } from 'node:zlib';
import { fileTypeFromBuffer } from 'file-type';
import { hasControlBytes } from './content/control-bytes.ts';
import type { Sample } from './kind.ts';

/** Shows a delimited text's regularity and the first entries of a ZIP file. */
export const SAMPLE_BYTES = 64 * 1024;

const COMPRESSIONS: Readonly<Record<string, NonNullable<Sample['compression']>>> = {
  'application/gzip': 'gzip',
  'application/zstd': 'zstd',
};

/** Says only that it is text; which, is for the kinds to tell. */
const OF_TEXT = ['application/xml', 'text/plain', 'application/x-subrip', 'text/html'];

/** @param head the first `SAMPLE_BYTES` of the file, or all of it */
export async function takeSample(
  head: Uint8Array,
  { name, declaredType, size }: Pick<Sample, 'name' | 'declaredType' | 'size'>,
): Promise<Sample> {
  const rest = { name, size, ...(declaredType !== undefined && { declaredType }) };
  const outer = await signatureOf(head);
  const compression = COMPRESSIONS[outer ?? ''];
  if (!compression) return { ...rest, bytes: head, ...(outer && { signature: outer }) };
  const bytes = await firstBytesInside(head, compression);
  const inner = await signatureOf(bytes);
  return { ...rest, bytes, compression, ...(inner && { signature: inner }) };
}

async function signatureOf(bytes: Uint8Array): Promise<string | undefined> {
  try {
    const mime = (await fileTypeFromBuffer(bytes))?.mime;
    if (mime === undefined || OF_TEXT.includes(mime)) return undefined;
    // `BMI,weight` is no bitmap, and `ID3,name` no sound.
    const isMistaken = /^(?:image|audio|video)\/(?!svg)/.test(mime) && !hasControlBytes(bytes);
    return isMistaken ? undefined : mime;
  } catch {
    // The reader of a signature may stumble over a file that only begins like one.
    return undefined;
  }
}

/** What the head of a compressed file holds, at most `SAMPLE_BYTES`; nothing where it is damaged. */
async function firstBytesInside(
  head: Uint8Array,
  compression: NonNullable<Sample['compression']>,
): Promise<Uint8Array> {
  const inflate = compression === 'gzip' ? createGunzip() : createZstdDecompress();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // It never ends here: the head is cut off, which is no damage.
  inflate.write(head);
  inflate.end();
  try {
    for await (const chunk of inflate as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= SAMPLE_BYTES) break;
    }
  } catch {
    // Cut off or damaged: whoever reads all of it will tell.
  }
  return Buffer.concat(chunks).subarray(0, SAMPLE_BYTES);
}
