/** A still WebP that replaces a part of the canvas; whatever it does not cover stays. */
export interface Frame {
  /** In pixels from the upper left corner; even. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly durationMs: number;
  readonly webp: Uint8Array;
}

export interface Animation {
  readonly width: number;
  readonly height: number;
  /** How often it runs; 0: for ever. */
  readonly loop: number;
  readonly hasAlpha: boolean;
  readonly frames: readonly Frame[];
}

/** WebP Container Specification (RFC 9649, 2.7): the flags of `VP8X`, and of `ANMF` the one for no blending. */
const HAS_ALPHA = 0b1_0000;
const IS_ANIMATED = 0b10;
const REPLACES = 0b10;
const LONGEST_MS = 2 ** 24 - 1;
const IMAGE_CHUNKS: readonly string[] = ['ALPH', 'VP8 ', 'VP8L'];
const RIFF_HEADER_BYTES = 12;

/** Puts stills together as an animated WebP. */
export function animatedWebp({ width, height, loop, hasAlpha, frames }: Animation): Buffer {
  const canvas = Buffer.alloc(10);
  canvas.writeUInt8(IS_ANIMATED | (hasAlpha ? HAS_ALPHA : 0), 0);
  canvas.writeUIntLE(width - 1, 4, 3);
  canvas.writeUIntLE(height - 1, 7, 3);
  const animation = Buffer.alloc(6);
  animation.writeUInt16LE(Math.min(loop, 0xffff), 4);
  const chunks = [chunk('VP8X', canvas), chunk('ANIM', animation), ...frames.map(frameChunk)];
  return chunk('RIFF', Buffer.concat([Buffer.from('WEBP'), ...chunks]));
}

function frameChunk({ x, y, width, height, durationMs, webp }: Frame): Buffer {
  const header = Buffer.alloc(16);
  header.writeUIntLE(x / 2, 0, 3);
  header.writeUIntLE(y / 2, 3, 3);
  header.writeUIntLE(width - 1, 6, 3);
  header.writeUIntLE(height - 1, 9, 3);
  header.writeUIntLE(Math.min(durationMs, LONGEST_MS), 12, 3);
  header.writeUInt8(REPLACES, 15);
  return chunk('ANMF', Buffer.concat([header, ...imageChunks(webp)]));
}

/** Of a still, what is its picture: its own header and metadata have no place in a frame. */
function imageChunks(webp: Uint8Array): Buffer[] {
  const file = Buffer.from(webp.buffer, webp.byteOffset, webp.byteLength);
  const chunks: Buffer[] = [];
  let at = RIFF_HEADER_BYTES;
  while (at + 8 <= file.length) {
    const size = file.readUInt32LE(at + 4);
    const end = at + 8 + size + (size % 2);
    if (IMAGE_CHUNKS.includes(file.toString('latin1', at, at + 4)))
      chunks.push(file.subarray(at, end));
    at = end;
  }
  return chunks;
}

/** Four characters, the size, and the content, which is padded to an even size. */
function chunk(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(8, name, 'latin1');
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, content, Buffer.alloc(content.length % 2)]);
}
