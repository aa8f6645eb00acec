const BYTE_ORDER_MARKS: readonly (readonly [encoding: string, mark: readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters tell bytes from text
const BINARY = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f\u007f]/;

/**
 * Text of bytes that may end within a character: by its byte order mark, else in UTF-8, else in
 * EUC-KR (as browsers know it: with the extensions of code page 949).
 *
 * @returns undefined for bytes that are no text in one of these
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  const marked = encodingByMark(bytes);
  const text = marked === undefined ? decodeUnmarked(bytes) : decodeAs(marked, bytes);
  return text === undefined || BINARY.test(text) ? undefined : text;
}

export function encodingByMark(bytes: Uint8Array): string | undefined {
  return BYTE_ORDER_MARKS.find(([, mark]) => mark.every((byte, at) => bytes[at] === byte))?.[0];
}

function decodeUnmarked(bytes: Uint8Array): string | undefined {
  const unicode = decodeAs('utf-8', bytes);
  if (unicode !== undefined) return unicode;
  const korean = decodeAs('euc-kr', bytes);
  return korean !== undefined && isMostlyHangul(korean) ? korean : undefined;
}

function decodeAs(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    // A stream may end anywhere: neither a sample nor a truncated file is less of a text for that.
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

/** Many bytes happen to be EUC-KR: what is not ASCII in it must be Korean to be believed. */
function isMostlyHangul(text: string): boolean {
  const beyondAscii = text.slice(0, 65_536).match(/[^\p{ASCII}]/gu) ?? [];
  const hangul = beyondAscii.filter((character) => /\p{Script=Hangul}/u.test(character));
  return hangul.length * 2 >= beyondAscii.length;
}
