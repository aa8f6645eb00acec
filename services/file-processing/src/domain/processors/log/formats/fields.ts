const QUOTE = 34;
const BACKSLASH = 92;

/** Logs write `-` where there is nothing. */
export const orNull = (text: string | undefined): string | null =>
  text === undefined || text === '-' || text === '' ? null : text;

/** @returns undefined where the text is no whole number from 0 of at most 18 digits */
export function wholeNumber(text: string): bigint | undefined {
  if (text.length === 0 || text.length > 18) return undefined;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return undefined;
  }
  return BigInt(text);
}

/** As `wholeNumber`, and null for `-`. */
export const wholeNumberOrNull = (text: string): bigint | null | undefined =>
  text === '-' ? null : wholeNumber(text);

/** @returns undefined where the text is no HTTP status; null for `-` */
export function httpStatus(text: string): number | null | undefined {
  if (text === '-') return null;
  const status = digits(text, 0, text.length);
  return text.length === 3 && status >= 100 ? status : undefined;
}

/** Whole number between two indices; NaN where anything else is there. */
export function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (!(code >= 48 && code <= 57)) return Number.NaN;
    value = value * 10 + code - 48;
  }
  return from < to ? value : Number.NaN;
}

/** @returns the index of the quote that closes the one at `open`, -1 where there is none */
export function closingQuote(text: string, open: number): number {
  if (text.charCodeAt(open) !== QUOTE) return -1;
  for (let end = text.indexOf('"', open + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (end - backslashes - 1 > open && text.charCodeAt(end - backslashes - 1) === BACKSLASH) {
      backslashes += 1;
    }
    if (backslashes % 2 === 0) return end;
  }
  return -1;
}

/**
 * What is between two quotes, without the escapes that Apache (`\"`, `\\`, `\n`, `\xhh`) and nginx
 * (`\xhh`) write. Bytes written as `\xhh` that make UTF-8 become its characters.
 */
export function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/(?:\\x[0-9a-fA-F]{2})+|\\[\\"abfnrtv]/g, (escaped) => {
    const character = escaped.charAt(1);
    return character === 'x'
      ? Buffer.from(escaped.replaceAll('\\x', ''), 'hex').toString()
      : (CONTROLS[character] ?? character);
  });
}

const CONTROLS: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
};

/** The fields of a line that are divided by one space each, some in quotes; undefined where a quote stays open. */
export function quotedFields(text: string): string[] | undefined {
  const fields: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (text.charCodeAt(at) === QUOTE) {
      const end = closingQuote(text, at);
      if (end === -1 || (end + 1 < text.length && text.charCodeAt(end + 1) !== 32))
        return undefined;
      fields.push(unescaped(text.slice(at + 1, end)));
      at = end + 2;
    } else {
      const space = text.indexOf(' ', at);
      const end = space === -1 ? text.length : space;
      fields.push(text.slice(at, end));
      at = end + 1;
    }
  }
  return fields;
}

export interface RequestLine {
  readonly method: string | null;
  readonly path: string | null;
  readonly query: string | null;
  readonly protocol: string | null;
}

const NO_REQUEST: RequestLine = { method: null, path: null, query: null, protocol: null };

/**
 * `GET /path?query HTTP/1.1`, where the target may be a whole URL. Clients send anything, which
 * servers log: what is no such line has nulls.
 */
export function requestLine(request: string): RequestLine {
  const first = request.indexOf(' ');
  if (first < 1 || !isMethod(request, first)) return NO_REQUEST;
  const last = request.lastIndexOf(' ');
  const hasProtocol = last > first && request.startsWith('HTTP/', last + 1);
  if (!hasProtocol && last > first) return NO_REQUEST;
  const target = request.slice(first + 1, hasProtocol ? last : undefined);
  return {
    method: request.slice(0, first),
    ...splitTarget(target),
    protocol: hasProtocol ? request.slice(last + 1) : null,
  };
}

function isMethod(request: string, length: number): boolean {
  if (length > 20) return false;
  for (let at = 0; at < length; at += 1) {
    const code = request.charCodeAt(at);
    if (!((code >= 65 && code <= 90) || code === 45 || code === 95)) return false;
  }
  return true;
}

export function splitTarget(target: string): { path: string | null; query: string | null } {
  const origin = target.startsWith('/') ? 0 : target.indexOf('://');
  const from = origin <= 0 ? 0 : target.indexOf('/', origin + 3);
  // A URL of nothing but a host, perhaps with a query.
  const local = from === -1 ? `/${target.slice(queryStart(target))}` : target.slice(from);
  const query = local.indexOf('?');
  if (query === -1) return { path: local === '' ? null : local, query: null };
  return { path: local.slice(0, query), query: local.slice(query + 1) || null };
}

const queryStart = (target: string) => {
  const at = target.indexOf('?');
  return at === -1 ? target.length : at;
};
