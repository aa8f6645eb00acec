/** Frames of MPEG-1 Layer III, 128 kbit/s, 44.1 kHz, mono, in which nothing sounds: one second. */
export function silentMp3(): Buffer {
  const frame = Buffer.alloc(417);
  frame.writeUInt32BE(0xfffb90c4);
  return Buffer.concat(Array.from({ length: 38 }, () => frame));
}

/** A second of silence in 16-bit samples, 8 kHz, mono (ISO/IEC 14496-12, QuickTime's `sowt`). */
export function silentMp4(): Buffer {
  const samples = Buffer.alloc(16_000);
  const type = box('ftyp', 'isom', u32(512), 'isomiso2mp41');
  const mediaStart = type.length + 8;
  const media = box('mdat', samples);
  return Buffer.concat([type, media, movie(mediaStart)]);
}

const RATE = 8000;
const MATRIX = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map(u32);

function movie(mediaStart: number): Buffer {
  return box(
    'moov',
    box(
      'mvhd',
      zeros(12),
      u32(RATE),
      u32(RATE),
      u32(0x10000),
      u32(0x01000000),
      zeros(8),
      ...MATRIX,
      zeros(24),
      u32(2),
    ),
    box(
      'trak',
      box(
        'tkhd',
        u32(7),
        zeros(8),
        u32(1),
        zeros(4),
        u32(RATE),
        zeros(8),
        u32(0),
        u32(0x01000000),
        ...MATRIX,
        zeros(8),
      ),
      box(
        'mdia',
        box('mdhd', zeros(12), u32(RATE), u32(RATE), u32(0x55c40000)),
        box('hdlr', zeros(8), 'soun', zeros(12), 'sound\0'),
        box('minf', box('smhd', zeros(8)), dataInformation(), sampleTable(mediaStart)),
      ),
    ),
  );
}

function dataInformation(): Buffer {
  return box('dinf', box('dref', zeros(4), u32(1), box('url ', u32(1))));
}

function sampleTable(mediaStart: number): Buffer {
  const sound = box(
    'sowt',
    zeros(6),
    u16(1),
    zeros(8),
    u16(1),
    u16(16),
    zeros(4),
    u32(RATE * 0x10000),
  );
  return box(
    'stbl',
    box('stsd', zeros(4), u32(1), sound),
    box('stts', zeros(4), u32(1), u32(RATE), u32(1)),
    box('stsc', zeros(4), u32(1), u32(1), u32(RATE), u32(1)),
    box('stsz', zeros(4), u32(2), u32(RATE)),
    box('stco', zeros(4), u32(1), u32(mediaStart)),
  );
}

export function box(type: string, ...content: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(
    content.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)),
  );
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, 'latin1'), body]);
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function u16(value: number): Buffer {
  return u32(value).subarray(2);
}

function zeros(count: number): Buffer {
  return Buffer.alloc(count);
}
