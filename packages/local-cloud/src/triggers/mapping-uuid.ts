import { createHash } from 'node:crypto';

/** A mapping's UUID: AWS makes one up; here it follows from the mapping, and survives anything. */
export function mappingUuid(mappingId: string): string {
  const hex = createHash('sha256').update(mappingId).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`];
  return [...parts, `${variant}${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}
