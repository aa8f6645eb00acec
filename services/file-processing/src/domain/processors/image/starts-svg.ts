const PROLOG = [
  { opens: '<?', closes: '?>' },
  { opens: '<!--', closes: '-->' },
] as const;

/** `<svg` or `<prefix:svg`, which must end there. */
const ROOT = /^<(?:[A-Za-z_][\w.-]{0,63}:)?svg(?=[\s/>])/;
const DOCTYPE = /^<!DOCTYPE\s/;

/**
 * Whether the root element is `svg`, after whatever XML lets stand before it. Each byte is looked at
 * once: an opened comment is either closed further on or the end of the search.
 */
export function startsSvg(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  let at = afterSpace(text, text.startsWith('\uFEFF') ? 1 : 0);
  while (at < text.length) {
    if (ROOT.test(text.slice(at, at + 80))) return true;
    const next = afterProlog(text, at);
    if (next === undefined) return false;
    at = afterSpace(text, next);
  }
  return false;
}

/** Where the declaration, instruction, comment or document type that begins here ends. */
function afterProlog(text: string, at: number): number | undefined {
  if (DOCTYPE.test(text.slice(at, at + 10))) return afterDoctype(text, at);
  const part = PROLOG.find(({ opens }) => text.startsWith(opens, at));
  if (!part) return undefined;
  const end = text.indexOf(part.closes, at + part.opens.length);
  return end < 0 ? undefined : end + part.closes.length;
}

function afterDoctype(text: string, at: number): number | undefined {
  const close = text.indexOf('>', at);
  const subset = text.indexOf('[', at);
  if (close < 0) return undefined;
  if (subset < 0 || close < subset) return close + 1;
  const end = text.indexOf(']', subset);
  const last = end < 0 ? -1 : text.indexOf('>', end);
  return last < 0 ? undefined : last + 1;
}

function afterSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at += 1;
  return at;
}
