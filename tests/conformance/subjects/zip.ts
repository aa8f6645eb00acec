import { crc32 } from 'node:zlib';

/** A zip archive of one file, stored without compression (APPNOTE 6.3.x, §4.3.7, §4.3.12, §4.3.16). */
export function zipOf(name: string, content: Buffer): Buffer {
  const fileName = Buffer.from(name);
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(20, 0); // version needed
  facts.writeUInt16LE(0x21, 8); // 1980-01-01: a date that readers accept
  facts.writeUInt32LE(crc32(content), 10);
  facts.writeUInt32LE(content.length, 14);
  facts.writeUInt32LE(content.length, 18);
  facts.writeUInt16LE(fileName.length, 22);

  const local = Buffer.concat([signature(0x04034b50), facts, fileName, content]);
  const made = Buffer.alloc(2);
  made.writeUInt16LE((3 << 8) | 20); // made on Unix, so that permissions count
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(0o100644 * 0x10000, 6);
  const central = Buffer.concat([signature(0x02014b50), made, facts, rest, fileName]);

  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, signature(0x06054b50), end]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
