import type { Cell } from '../../../content/parquet.ts';
import { maskQuery, maskUrl, type Privacy } from '../privacy.ts';
import {
  closingQuote,
  digits,
  orNull,
  requestLine,
  unescaped,
  wholeNumberOrNull,
} from './fields.ts';
import { type Entry, isErrorStatus, type LogFormat } from './format.ts';
import { repeatedApacheTime } from './times.ts';

const SPACE = 32;
const CLOSING_BRACKET = 93;

/**
 * The access log of Apache (`combined`, `common`) and nginx (`combined`, and its packages' `main`):
 * `host ident user [time] "request" status bytes "referer" "user agent"`, the last two and what may
 * follow them left out or not. Source: https://httpd.apache.org/docs/2.4/mod/mod_log_config.html
 */
export const combined: LogFormat = {
  name: 'combined',
  columns: [
    { name: 'time', type: 'timestamp' },
    { name: 'client', type: 'string' },
    { name: 'user', type: 'string' },
    { name: 'method', type: 'string' },
    { name: 'path', type: 'string' },
    { name: 'query', type: 'string' },
    { name: 'protocol', type: 'string' },
    { name: 'malformed_request', type: 'string' },
    { name: 'status', type: 'int64' },
    { name: 'bytes', type: 'int64' },
    { name: 'referer', type: 'string' },
    { name: 'user_agent', type: 'string' },
    { name: 'more', type: 'string' },
  ],
  reader: (privacy) => (text) => read(text, privacy),
};

function read(text: string, privacy: Privacy): Entry | undefined {
  const bracket = text.indexOf(' [');
  const timeEnd = bracket + 28;
  if (bracket === -1 || text.charCodeAt(timeEnd) !== CLOSING_BRACKET) return undefined;
  const time = repeatedApacheTime(text, bracket + 2);
  if (Number.isNaN(time)) return undefined;

  // A user's name may hold spaces.
  const hostEnd = text.indexOf(' ');
  const identEnd = text.indexOf(' ', hostEnd + 1);
  if (hostEnd < 1 || identEnd === -1 || identEnd >= bracket) return undefined;

  const requestEnd = quoteEnd(text, timeEnd + 1);
  if (requestEnd === -1 || text.charCodeAt(requestEnd + 5) !== SPACE) return undefined;
  const status = digits(text, requestEnd + 2, requestEnd + 5);
  if (!(status >= 100) || text.charCodeAt(requestEnd + 1) !== SPACE) return undefined;
  const bytesEnd = wordEnd(text, requestEnd + 6);
  const bytes = wholeNumberOrNull(text.slice(requestEnd + 6, bytesEnd));
  if (bytes === undefined) return undefined;
  const rest = restOf(text, bytesEnd, privacy);
  if (!rest) return undefined;

  const request = unescaped(text.slice(timeEnd + 3, requestEnd));
  const { method, path, query, protocol } = requestLine(request);
  const user = text.slice(identEnd + 1, bracket);
  const cells: Cell[] = [
    new Date(time),
    privacy.address(text.slice(0, hostEnd)),
    orNull(user) === null ? null : privacy.user(user),
    method,
    path,
    query === null ? null : maskQuery(query),
    protocol,
    method === null && request !== '-' ? maskUrl(request) : null,
    BigInt(status),
    bytes,
    ...rest,
  ];
  const isError = isErrorStatus(status);
  return { cells, time, status: String(status), path: path ?? undefined, isError };
}

/** @returns the index of the quote that ends the field after the space at `at`, -1 where there is none */
const quoteEnd = (text: string, at: number): number =>
  text.charCodeAt(at) === SPACE ? closingQuote(text, at + 1) : -1;

function wordEnd(text: string, at: number): number {
  const space = text.indexOf(' ', at);
  return space === -1 ? text.length : space;
}

/** Referer, user agent, and what an own format added behind them. */
function restOf(
  text: string,
  at: number,
  privacy: Privacy,
): [string | null, string | null, string | null] | undefined {
  if (at === text.length) return [null, null, null];
  const refererEnd = quoteEnd(text, at);
  const agentEnd = refererEnd === -1 ? -1 : quoteEnd(text, refererEnd + 1);
  if (agentEnd === -1) return undefined;
  if (agentEnd + 1 < text.length && text.charCodeAt(agentEnd + 1) !== SPACE) return undefined;
  const referer = orNull(unescaped(text.slice(at + 2, refererEnd)));
  const agent = orNull(unescaped(text.slice(refererEnd + 3, agentEnd)));
  const more = text.slice(agentEnd + 2);
  return [
    referer === null ? null : maskUrl(referer),
    agent,
    more === '' ? null : privacy.addresses(more),
  ];
}
