import { createHash, randomBytes } from 'node:crypto';

/** 5d0c9b1e-7a44-4c1f-8e63-2b9f0f6c9a57, drawn once for this API: changing it changes every derived id. */
const NAMESPACE = Buffer.from('5d0c9b1e7a444c1f8e632b9f0f6c9a57', 'hex');

/**
 * The same parts always give the same id (UUIDv5, RFC 9562 section 5.5), so a request that is
 * repeated after a crash finds what its first attempt left.
 */
export function derivedId(...parts: readonly string[]): string {
  const name = JSON.stringify(parts);
  const hash = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  return uuid(hash, 5);
}

/** A new id that sorts by its time (UUIDv7, RFC 9562 section 5.7). */
export function newId(now: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  return uuid(bytes, 7);
}

function uuid(bytes: Buffer, version: number): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | (version << 4), 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
