import type { Kind, Sample } from '../../kind.ts';
import { FORMATS, HEIC } from './formats.ts';
import { startsSvg } from './starts-svg.ts';

/** Of ISO base media files: the signature says which brand comes first, not what they hold. */
const HEIF_SIGNATURES = [
  'image/heic',
  'image/heif',
  'image/heic-sequence',
  'image/heif-sequence',
] as const;

export const imageKind: Kind = {
  name: 'image',
  version: 1,
  accepts: 'JPEG, PNG, WebP, AVIF, GIF, TIFF and SVG pictures',
  maxBytes: 50 * 1024 ** 2,
  recognize(sample) {
    if (sample.compression) return undefined;
    const { signature, bytes } = sample;
    if (isHeif(signature)) return isAv1(bytes) ? 'image/avif' : HEIC;
    if (signature !== undefined && signature in FORMATS) return signature;
    return isText(sample) && startsSvg(bytes) ? 'image/svg+xml' : undefined;
  },
};

const isHeif = (signature: string | undefined) =>
  HEIF_SIGNATURES.some((each) => each === signature);

/** XML has a signature where it begins with its declaration, and none otherwise. */
const isText = ({ signature }: Sample) =>
  signature === undefined || signature === 'application/xml' || signature === 'image/svg+xml';

/**
 * Whether the file type box lists a brand of AV1: such pictures may call themselves HEIF first.
 * ISO/IEC 14496-12, 4.3: size, `ftyp`, major brand, minor version, compatible brands of 4 bytes.
 */
function isAv1(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096));
  if (head.length < 16) return false;
  const end = Math.min(head.readUInt32BE(0), head.length);
  for (let at = 8; at + 4 <= end; at += 4) {
    const brand = head.toString('latin1', at, at + 4);
    if (at !== 12 && (brand === 'avif' || brand === 'avis')) return true;
  }
  return false;
}
