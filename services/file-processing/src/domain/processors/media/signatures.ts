/** Media types told by how the bytes begin. Each returns undefined where they begin otherwise. */

const ascii = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, to));

/** Brands that are pictures in the same container: HEIC, AVIF, Canon's raw. */
const PICTURE_BRAND = /^(mif1|msf1|hei[cxms]|hev[cxms]|avi[fs]|crx )$/;
const QUICKTIME_ATOMS = new Set(['moov', 'mdat', 'wide']);

/** ISO base media (ISO/IEC 14496-12) and QuickTime, whose old files begin without `ftyp`. */
export function isoMedia(bytes: Uint8Array): string | undefined {
  if (bytes.length < 16) return undefined;
  const atom = ascii(bytes, 4, 8);
  if (QUICKTIME_ATOMS.has(atom)) return 'video/quicktime';
  if (atom !== 'ftyp') return undefined;
  const end = Math.min(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), 256);
  const brands = [ascii(bytes, 8, 12)];
  for (let at = 16; at + 4 <= Math.min(end, bytes.length); at += 4) {
    brands.push(ascii(bytes, at, at + 4));
  }
  return ofBrands(brands);
}

function ofBrands(brands: readonly string[]): string | undefined {
  const [major = ''] = brands;
  if (brands.some((brand) => PICTURE_BRAND.test(brand))) return undefined;
  if (major === 'qt  ') return 'video/quicktime';
  if (/^M4[AB] $/.test(major)) return 'audio/mp4';
  if (major.startsWith('3gp')) return 'video/3gpp';
  if (major.startsWith('3g2')) return 'video/3gpp2';
  const isMp4 = brands.some((brand) =>
    /^(iso[m2-9]|mp4[12]|avc1|M4V |dash|MSNV|f4v )$/.test(brand),
  );
  return isMp4 ? 'video/mp4' : undefined;
}

/** EBML with the document type in its header. https://www.rfc-editor.org/rfc/rfc8794 */
export function matroska(bytes: Uint8Array): string | undefined {
  if (bytes[0] !== 0x1a || ascii(bytes, 1, 4) !== 'E\xdf\xa3') return undefined;
  const header = ascii(bytes, 4, 128);
  const type = /B\x82[\x80-\xff](webm|matroska)/.exec(header)?.[1];
  if (type === undefined) return undefined;
  return type === 'webm' ? 'video/webm' : 'video/x-matroska';
}

export function riff(bytes: Uint8Array): string | undefined {
  const form = ascii(bytes, 8, 12);
  const outer = ascii(bytes, 0, 4);
  if (outer === 'RIFF' && form === 'AVI ') return 'video/x-msvideo';
  return (outer === 'RIFF' || outer === 'RF64') && form === 'WAVE' ? 'audio/wav' : undefined;
}

/** The first page tells the codec. https://www.rfc-editor.org/rfc/rfc3533 */
export function ogg(bytes: Uint8Array): string | undefined {
  if (ascii(bytes, 0, 5) !== 'OggS\0') return undefined;
  return ascii(bytes, 28, 35) === '\x80theora' ? 'video/ogg' : 'audio/ogg';
}

export function flac(bytes: Uint8Array): string | undefined {
  return ascii(bytes, 0, 4) === 'fLaC' ? 'audio/flac' : undefined;
}

/** Packets of 188 bytes, or of 192 with a time code before each (Blu-ray, cameras). */
export function transportStream(bytes: Uint8Array): string | undefined {
  const isOf = (size: number, first: number) =>
    [0, 1, 2, 3].every((packet) => bytes[first + packet * size] === 0x47);
  return isOf(188, 0) || isOf(192, 4) ? 'video/mp2t' : undefined;
}

/** MPEG audio and AAC have two bytes for a signature, so frames have to follow one another. */
export function framedAudio(bytes: Uint8Array): string | undefined {
  const tag = id3Size(bytes);
  // Longer than the sample: covers are that long.
  if (tag > 0 && tag > bytes.length - 8) return 'audio/mpeg';
  if (tag > 0 && flac(bytes.subarray(tag)) !== undefined) return 'audio/flac';
  if (follow(bytes, tag, mpegFrameBytes)) return 'audio/mpeg';
  return follow(bytes, tag, adtsFrameBytes) ? 'audio/aac' : undefined;
}

/** https://id3.org/id3v2.4.0-structure: seven bits to a byte. */
function id3Size(bytes: Uint8Array): number {
  if (ascii(bytes, 0, 3) !== 'ID3' || bytes.length < 10) return 0;
  const size = bytes.subarray(6, 10).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
  return 10 + size;
}

/** Three frames, or fewer where the file ends after them. */
function follow(
  bytes: Uint8Array,
  from: number,
  frameBytes: (bytes: Uint8Array, at: number) => number,
): boolean {
  let at = from;
  for (let frame = 0; frame < 3; frame += 1) {
    const size = frameBytes(bytes, at);
    if (size === 0) return false;
    at += size;
    if (at >= bytes.length) return at === bytes.length;
  }
  return true;
}

const BITRATES = {
  v1l2: [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  v1l3: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  v2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;
const SAMPLE_RATES = [44_100, 48_000, 32_000];
/** By the version as it is coded: 2.5, reserved, 2, 1. */
const RATE_DIVISORS = [4, 1, 2, 1];

/** Layers II and III of MPEG 1, 2 and 2.5 (ISO/IEC 11172-3, 13818-3); 0 where no frame begins. */
function mpegFrameBytes(bytes: Uint8Array, at: number): number {
  const [sync = 0, kind = 0, rates = 0] = bytes.subarray(at, at + 3);
  const version = (kind >> 3) & 3;
  const layer = 4 - ((kind >> 1) & 3);
  if (sync !== 0xff || kind >> 5 !== 7 || version === 1 || layer < 2 || layer > 3) return 0;
  const table = version !== 3 ? BITRATES.v2 : layer === 2 ? BITRATES.v1l2 : BITRATES.v1l3;
  const bitrate = table[rates >> 4] ?? 0;
  const samplesPerSecond = (SAMPLE_RATES[(rates >> 2) & 3] ?? 0) / (RATE_DIVISORS[version] ?? 1);
  if (bitrate === 0 || samplesPerSecond === 0) return 0;
  const eighths = layer === 3 && version !== 3 ? 72 : 144;
  return Math.floor((eighths * bitrate * 1000) / samplesPerSecond) + ((rates >> 1) & 1);
}

/** ADTS (ISO/IEC 13818-7); 0 where no frame begins. */
function adtsFrameBytes(bytes: Uint8Array, at: number): number {
  const [sync = 0, kind = 0, rate = 0, high = 0, middle = 0, low = 0] = bytes.subarray(at, at + 6);
  if (sync !== 0xff || (kind & 0xf6) !== 0xf0 || ((rate >> 2) & 15) > 12) return 0;
  const size = ((high & 3) << 11) | (middle << 3) | (low >> 5);
  return size > 7 ? size : 0;
}
