/** Tab, line feed, vertical tab, form feed, carriage return and escape are found in texts. */
const OF_TEXT = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1b]);

/**
 * Whether there are bytes that no text in an encoding of single bytes, UTF-8 or EUC-KR has. Every
 * picture, sound and video has them in its header: what has none only begins like one.
 */
export function hasControlBytes(bytes: Uint8Array): boolean {
  return bytes.some((byte) => byte < 0x20 && !OF_TEXT.has(byte));
}
