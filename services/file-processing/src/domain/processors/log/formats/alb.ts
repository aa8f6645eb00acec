import type { Cell } from '../../../content/parquet.ts';
import { maskQuery, maskUrl, type Privacy } from '../privacy.ts';
import { httpStatus, orNull, quotedFields, requestLine, wholeNumberOrNull } from './fields.ts';
import { type Entry, isErrorStatus, type LogFormat } from './format.ts';
import { isoTime } from './times.ts';

const TYPES = new Set(['http', 'https', 'h2', 'grpcs', 'ws', 'wss']);

/** Up to the trace id, which the first logs of this kind ended with; AWS adds fields at the end. */
const MIN_FIELDS = 18;

/**
 * The access log of an Application Load Balancer. Source:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
 */
export const alb: LogFormat = {
  name: 'alb',
  columns: [
    { name: 'time', type: 'timestamp' },
    { name: 'type', type: 'string' },
    { name: 'load_balancer', type: 'string' },
    { name: 'client', type: 'string' },
    { name: 'target', type: 'string' },
    { name: 'request_seconds', type: 'double' },
    { name: 'target_seconds', type: 'double' },
    { name: 'response_seconds', type: 'double' },
    { name: 'status', type: 'int64' },
    { name: 'target_status', type: 'int64' },
    { name: 'received_bytes', type: 'int64' },
    { name: 'sent_bytes', type: 'int64' },
    { name: 'method', type: 'string' },
    { name: 'path', type: 'string' },
    { name: 'query', type: 'string' },
    { name: 'protocol', type: 'string' },
    { name: 'malformed_request', type: 'string' },
    { name: 'user_agent', type: 'string' },
    { name: 'tls_cipher', type: 'string' },
    { name: 'tls_protocol', type: 'string' },
    { name: 'target_group', type: 'string' },
    { name: 'trace_id', type: 'string' },
    { name: 'domain', type: 'string' },
    { name: 'certificate', type: 'string' },
    { name: 'rule_priority', type: 'string' },
    { name: 'received_at', type: 'timestamp' },
    { name: 'actions', type: 'string' },
    { name: 'redirect_url', type: 'string' },
    { name: 'error_reason', type: 'string' },
    { name: 'classification', type: 'string' },
    { name: 'classification_reason', type: 'string' },
    { name: 'connection_trace_id', type: 'string' },
  ],
  reader: (privacy) => (text) => read(text, privacy),
};

function read(text: string, privacy: Privacy): Entry | undefined {
  if (!TYPES.has(text.slice(0, text.indexOf(' ')))) return undefined;
  const fields = quotedFields(text);
  if (!fields || fields.length < MIN_FIELDS) return undefined;
  const field = (index: number) => fields[index] ?? '-';
  const time = isoTime(field(1));
  const [status, targetStatus] = [httpStatus(field(8)), httpStatus(field(9))];
  const [received, sent] = [wholeNumberOrNull(field(10)), wholeNumberOrNull(field(11))];
  const durations = [seconds(field(5)), seconds(field(6)), seconds(field(7))];
  if (
    Number.isNaN(time) ||
    status === undefined ||
    targetStatus === undefined ||
    received === undefined ||
    sent === undefined ||
    durations.includes(Number.NaN)
  ) {
    return undefined;
  }
  const request = requestLine(field(12));
  const cells: Cell[] = [
    new Date(time),
    ...[field(0), orNull(field(2)), privacy.address(host(field(3))), orNull(field(4))],
    ...durations,
    status === null ? null : BigInt(status),
    targetStatus === null ? null : BigInt(targetStatus),
    received,
    sent,
    ...[request.method, request.path],
    request.query === null ? null : maskQuery(request.query),
    // An empty request is logged as `- http://name:80- `.
    request.protocol,
    request.method === null && !field(12).startsWith('-') ? maskUrl(field(12)) : null,
    ...[13, 14, 15, 16, 17, 18, 19, 20].map((index) => orNull(field(index))),
    instant(field(21)),
    orNull(field(22)),
    field(23) === '-' ? null : maskUrl(field(23)),
    ...[24, 27, 28, 29].map((index) => orNull(field(index))),
  ];
  return {
    cells,
    time,
    status: status === null ? undefined : String(status),
    path: request.path ?? undefined,
    isError: status !== null && isErrorStatus(status),
  };
}

/** `-1` says that there was no such phase. @returns NaN for what is no duration */
function seconds(text: string): number | null {
  if (text === '-1' || text === '-') return null;
  return /^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
}

/** `192.0.2.1:2817` and `[2001:db8::1]:2817` without the port. */
function host(text: string): string {
  const colon = text.lastIndexOf(':');
  return (colon === -1 ? text : text.slice(0, colon)).replace(/^\[|\]$/g, '');
}

function instant(text: string): Date | null {
  const time = isoTime(text);
  return Number.isNaN(time) ? null : new Date(time);
}
