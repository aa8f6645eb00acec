import { isAscii, isUtf8 } from 'node:buffer';

/** `euc-kr` with the additions of Windows (CP949), as the WHATWG's Encoding Standard has it. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'euc-kr';

/** Of a text that goes wrong in places, so much may: the places show as U+FFFD. */
const MAX_DAMAGED_SHARE = 0.05;
const MAX_CONTROL_SHARE = 0.01;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is counted
const CONTROLS = /[\0-\x08\x0e-\x1a\x1c-\x1f]/g;
const ASCII = /[\t\n\r -~]/g;
/** ASCII, Latin, punctuation, Kana, Chinese characters, Hangul: not what the wrong half shows. */
const USUAL =
  /[\t\n\r -~\u00a0-\u024f\u2000-\u206f\u20a9\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef\ufeff]/g;

/**
 * The encoding of a text by its first bytes: a byte order mark, the pattern of NULs that UTF-16
 * leaves, or what the bytes are valid as. ASCII alone counts as UTF-8.
 *
 * @returns undefined for what is no text, or one in another encoding
 */
export function detectEncoding(sample: Uint8Array): TextEncoding | undefined {
  const bytes = Buffer.from(sample.buffer, sample.byteOffset, sample.byteLength);
  const encoding =
    byMark(bytes) ??
    (bytes.includes(0) ? byUsualCharacters(bytes) : undefined) ??
    byValidity(bytes);
  return encoding && isLegible(bytes, encoding) ? encoding : undefined;
}

/**
 * The text of a sample, without a mark. It is to be looked at, not kept: Node decodes no CP949 beyond
 * EUC-KR, so that some characters show as U+FFFD, and a character that the end has cut does, too.
 */
export function sampleText(sample: Uint8Array, encoding: TextEncoding): string {
  return withoutMark(new TextDecoder(encoding, { ignoreBOM: true }).decode(sample));
}

export function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function byMark(bytes: Buffer): TextEncoding | undefined {
  const [first, second, third, fourth] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  const isUtf32 = third === 0 && fourth === 0;
  return first === 0xff && second === 0xfe && !isUtf32 ? 'utf-16le' : undefined;
}

/** ASCII characters, of which every table has some, leave NULs in UTF-16. */
function byUsualCharacters(bytes: Buffer): TextEncoding | undefined {
  const even = bytes.subarray(0, bytes.length - (bytes.length % 2));
  const candidates = (['utf-16le', 'utf-16be'] as const).map((encoding) => {
    const text = sampleText(even, encoding);
    const usual = shareOf(text, USUAL);
    const ascii = shareOf(text, ASCII);
    return { encoding, usual, ascii, rank: usual + ascii };
  });
  const [best] = candidates.sort((one, other) => other.rank - one.rank);
  const isText = best && best.ascii > 0 && best.usual >= 1 - MAX_DAMAGED_SHARE;
  return isText ? best.encoding : undefined;
}

function byValidity(bytes: Buffer): TextEncoding | undefined {
  if (isAscii(bytes) || isUtf8(bytes)) return 'utf-8';
  const utf8 = damageOfUtf8(bytes);
  const korean = damageOfKorean(bytes);
  if (Math.min(utf8, korean) > MAX_DAMAGED_SHARE) return undefined;
  return utf8 <= korean ? 'utf-8' : 'euc-kr';
}

/** How much of what is beyond ASCII cannot be read. The last character may be cut. */
function damageOfUtf8(bytes: Buffer): number {
  const beyondAscii = bytes.toString().match(/[^\0-\x7f]/gu) ?? [];
  const damaged = beyondAscii.filter((character) => character === '\uFFFD').length;
  return damaged <= 1 && isUtf8(withoutCutEnd(bytes)) ? 0 : damaged / beyondAscii.length;
}

function withoutCutEnd(bytes: Buffer): Buffer {
  for (let cut = 1; cut <= 3; cut += 1) {
    if ((bytes.at(-cut) ?? 0) >= 0xc0) return bytes.subarray(0, -cut);
  }
  return bytes;
}

/** Most pairs of high bytes are some character of CP949; but of a Korean text, most are Hangul. */
function damageOfKorean(bytes: Buffer): number {
  let pairs = 0;
  let hangul = 0;
  let damaged = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const lead = bytes[index] ?? 0;
    if (lead < 0x80) continue;
    const trail = bytes[index + 1];
    if (trail === undefined) break;
    pairs += 1;
    if (!isKorean(lead, trail)) damaged += 1;
    else index += 1;
    if (isHangul(lead, trail)) hangul += 1;
  }
  return hangul * 2 < pairs ? 1 : damaged / pairs;
}

/** KS X 1001 has both bytes above 0xa0; Microsoft's additions, all of them Hangul, have not. */
function isKorean(lead: number, trail: number): boolean {
  return (lead > 0xa0 && lead < 0xff && trail > 0xa0 && trail < 0xff) || isHangul(lead, trail);
}

function isHangul(lead: number, trail: number): boolean {
  if (trail > 0xa0 && lead > 0xa0) return lead >= 0xb0 && lead <= 0xc8 && trail < 0xff;
  const isTrail =
    (trail >= 0x41 && trail <= 0x5a) ||
    (trail >= 0x61 && trail <= 0x7a) ||
    (trail >= 0x81 && trail <= 0xfe);
  return lead >= 0x81 && lead <= 0xc6 && isTrail;
}

function isLegible(bytes: Buffer, encoding: TextEncoding): boolean {
  return shareOf(sampleText(bytes, encoding), CONTROLS) <= MAX_CONTROL_SHARE;
}

function shareOf(text: string, characters: RegExp): number {
  return text === '' ? 0 : (text.match(characters)?.length ?? 0) / text.length;
}
