import { MAX_BODY_BYTES, ProblemError, type RouteContract } from '@millrace/types';
import { type HttpEvent, headerOf } from './gateway.ts';

/** Deeper documents are no honest input, and would exhaust the stack of what reads them recursively. */
export const MAX_DEPTH = 64;

/**
 * The JSON value of a request's body; an entry by itself comes as an array of one.
 *
 * @throws ProblemError unsupported_media_type, payload_too_large, malformed_json
 */
export function decodeBody(event: HttpEvent, contract: RouteContract): unknown {
  const mediaType = mediaTypeOf(event, contract);
  const value = parseJson(textOf(event, contract.maxBodyBytes ?? MAX_BODY_BYTES));
  return mediaType === contract.entryMediaType ? [value] : value;
}

function mediaTypeOf(event: HttpEvent, contract: RouteContract): string {
  const accepted = contract.mediaTypes ?? ['application/json'];
  const header = headerOf(event, 'content-type');
  if (header === undefined) return 'application/json';
  const [essence = '', ...parameters] = header.split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  if (!accepted.includes(essence) || (charset && !/^charset="?utf-?8"?$/.test(charset))) {
    throw new ProblemError(
      'unsupported_media_type',
      `Send the body as ${accepted.join(' or ')} in UTF-8.`,
      { headers: { accept: accepted.join(', ') } },
    );
  }
  return essence;
}

function textOf(event: HttpEvent, maxBytes: number): string {
  const body = event.body ?? '';
  const bytes = event.isBase64Encoded ? Buffer.from(body, 'base64') : undefined;
  if ((bytes?.byteLength ?? Buffer.byteLength(body)) > maxBytes) {
    throw new ProblemError('payload_too_large', `The body may have at most ${maxBytes} bytes.`);
  }
  if (bytes === undefined) return body;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ProblemError('malformed_json', 'The body is not UTF-8.', { cause });
  }
}

function parseJson(text: string): unknown {
  if (text.trim() === '') {
    throw new ProblemError('malformed_json', 'The body is empty; this operation needs JSON.');
  }
  if (depthOf(text) > MAX_DEPTH) {
    throw new ProblemError('malformed_json', `The body is nested deeper than ${MAX_DEPTH} levels.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    // V8's message quotes the input, so it is not passed on.
    throw new ProblemError('malformed_json', 'The body is not valid JSON.', { cause });
  }
  if (MAY_HOLD_LONE_SURROGATE.test(text) && !isWellFormed(value)) {
    throw new ProblemError('malformed_json', 'A string of the body is not well-formed Unicode.');
  }
  return value;
}

/** How deep arrays and objects nest, without parsing: what is inside strings does not count. */
export function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === BACKSLASH) index += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === BRACKET_OPEN || code === BRACE_OPEN) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (code === BRACKET_CLOSE || code === BRACE_CLOSE) depth -= 1;
  }
  return deepest;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;

const MAY_HOLD_LONE_SURROGATE = /\\u[dD][89a-fA-F]|[\uD800-\uDFFF]/;

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (Array.isArray(value)) return value.every(isWellFormed);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, entry]) => name.isWellFormed() && isWellFormed(entry));
}
