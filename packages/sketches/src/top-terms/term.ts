const LONGEST_TERM = 256;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const buffer = new Uint8Array(LONGEST_TERM);

/** What is counted of a text: whole characters, at most 256 bytes of them, as they can be stored. */
export function termOf(text: string): string {
  const term = text.toWellFormed();
  // A UTF-16 unit takes at most three bytes.
  if (term.length * 3 <= LONGEST_TERM) return term;
  return term.slice(0, encoder.encodeInto(term, buffer).read);
}

export function encodeTerm(term: string): Uint8Array {
  return encoder.encode(term);
}

/** @returns undefined for what no term is encoded as. */
export function decodeTerm(bytes: Uint8Array): string | undefined {
  if (bytes.length > LONGEST_TERM) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
