/** Controls of terminals (C0, C1, DEL) and those that turn the direction of text. */
const HARMFUL = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text of others that a terminal may show: nothing in it moves the cursor or hides what is said. */
export function harmless(text: string, kept = ''): string {
  return text.replace(HARMFUL, (one) => {
    if (kept.includes(one)) return one;
    const code = one.codePointAt(0) ?? 0;
    return code < 256
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

const MOST_TEXT = 20_000;
const MOST_HEX = 512;

/** A payload for a person: JSON with indents, other text as it is, else the first bytes in hex. */
export function readable(payload: Uint8Array): string {
  const text = textOf(payload);
  if (text === undefined) return hex(payload);
  return harmless(excerpt(indented(text)), '\n\t');
}

function textOf(payload: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    return undefined;
  }
}

function indented(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    const pretty = JSON.stringify(value, null, 2);
    // What a double cannot hold stays as it was written.
    return pretty.replace(/\s/g, '') === text.replace(/\s/g, '') ? pretty : text;
  } catch {
    return text;
  }
}

function excerpt(text: string): string {
  if (text.length <= MOST_TEXT) return text;
  return `${text.slice(0, MOST_TEXT)}\n… ${text.length - MOST_TEXT} more characters`;
}

function hex(payload: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(payload.length, MOST_HEX); at += 16) {
    const bytes = Buffer.from(payload.subarray(at, at + 16));
    const codes = bytes.toString('hex').replace(/(..)(?=.)/g, '$1 ');
    const text = bytes.toString('latin1').replace(/[^\x20-\x7e]/g, '.');
    lines.push(`${at.toString(16).padStart(6, '0')}  ${codes.padEnd(47)}  ${text}`);
  }
  if (payload.length > MOST_HEX) lines.push(`… ${payload.length - MOST_HEX} more bytes`);
  return lines.join('\n');
}

/** A reason in one line of a table. */
export function inOneLine(text: string, most = 100): string {
  const line = harmless(text.replace(/\s+/g, ' '));
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
