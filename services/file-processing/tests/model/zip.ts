import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipPart {
  readonly name: string;
  readonly bytes?: Uint8Array;
  /** What the directory says instead of the truth. */
  readonly declares?: {
    readonly inflated?: number;
    readonly compressed?: number;
    readonly localHeader?: number;
    readonly flags?: number;
    readonly unixMode?: number;
    readonly extra?: Uint8Array;
  };
}

/** A ZIP of deflated parts, with a directory that may lie. */
export function makeZip(parts: readonly ZipPart[], comment = ''): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, bytes = Buffer.alloc(0), declares = {} } of parts) {
    const deflated = deflateRawSync(bytes);
    const nameBytes = Buffer.from(name);
    const extra = Buffer.from(declares.extra ?? []);
    // What local header and directory have in common, from the version needed to the extra length.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(declares.flags ?? 0x0800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt16LE(0x21, 8); // 1 January 1980
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(declares.compressed ?? deflated.length, 14);
    common.writeUInt32LE(declares.inflated ?? bytes.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, nameBytes, deflated]);
    const entry = Buffer.alloc(46);
    entry.write('PK\x01\x02', 'latin1');
    entry.writeUInt16LE((3 << 8) | 20, 4);
    common.copy(entry, 6);
    entry.writeUInt16LE(extra.length, 30);
    entry.writeUInt32LE(((declares.unixMode ?? 0o100644) << 16) >>> 0, 38);
    entry.writeUInt32LE(declares.localHeader ?? at, 42);
    bodies.push(local);
    directory.push(entry, nameBytes, extra);
    at += local.length;
  }
  const directoryBytes = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(parts.length & 0xffff, 8);
  end.writeUInt16LE(parts.length & 0xffff, 10);
  end.writeUInt32LE(directoryBytes.length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  return Buffer.concat([...bodies, directoryBytes, end, Buffer.from(comment)]);
}
