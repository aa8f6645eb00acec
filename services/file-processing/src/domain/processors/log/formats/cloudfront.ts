import type { Cell, Column } from '../../../content/parquet.ts';
import { decoded, isSecretName, maskQuery, maskUrl, type Privacy } from '../privacy.ts';
import { httpStatus, orNull, wholeNumber } from './fields.ts';
import { type Entry, isErrorStatus, type LogFormat } from './format.ts';
import { isoTime } from './times.ts';

/** Field of the log, column of the lake. Cookies are in neither: they are keys to somebody's session. */
const FIELDS: ReadonlyArray<readonly [string, Column]> = [
  ['x-edge-location', { name: 'edge_location', type: 'string' }],
  ['sc-bytes', { name: 'sent_bytes', type: 'int64' }],
  ['c-ip', { name: 'client', type: 'string' }],
  ['cs-method', { name: 'method', type: 'string' }],
  ['cs(Host)', { name: 'distribution_host', type: 'string' }],
  ['cs-uri-stem', { name: 'path', type: 'string' }],
  ['cs-uri-query', { name: 'query', type: 'string' }],
  ['sc-status', { name: 'status', type: 'int64' }],
  ['cs(Referer)', { name: 'referer', type: 'string' }],
  ['cs(User-Agent)', { name: 'user_agent', type: 'string' }],
  ['x-edge-result-type', { name: 'result_type', type: 'string' }],
  ['x-edge-request-id', { name: 'request_id', type: 'string' }],
  ['x-host-header', { name: 'host', type: 'string' }],
  ['cs-protocol', { name: 'scheme', type: 'string' }],
  ['cs-bytes', { name: 'received_bytes', type: 'int64' }],
  ['time-taken', { name: 'seconds', type: 'double' }],
  ['x-forwarded-for', { name: 'forwarded_for', type: 'string' }],
  ['ssl-protocol', { name: 'tls_protocol', type: 'string' }],
  ['ssl-cipher', { name: 'tls_cipher', type: 'string' }],
  ['x-edge-response-result-type', { name: 'response_result_type', type: 'string' }],
  ['cs-protocol-version', { name: 'protocol', type: 'string' }],
  ['time-to-first-byte', { name: 'first_byte_seconds', type: 'double' }],
  ['x-edge-detailed-result-type', { name: 'detailed_result_type', type: 'string' }],
  ['sc-content-type', { name: 'content_type', type: 'string' }],
  ['sc-content-len', { name: 'content_length', type: 'int64' }],
];

const COLUMN_OF = new Map(FIELDS.map(([field], index) => [field, index + 1]));
const MORE = FIELDS.length + 1;

/**
 * CloudFront's standard log: W3C's extended format, tabs, with the names of the fields in
 * `#Fields:`. Fields without a column are in `more`, as JSON. Source:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html
 */
export const cloudfront: LogFormat = {
  name: 'cloudfront',
  columns: [
    { name: 'time', type: 'timestamp' },
    ...FIELDS.map(([, column]) => column),
    { name: 'more', type: 'string' },
  ],
  reader(privacy) {
    let names: readonly string[] = [];
    return (text) => {
      if (text.startsWith('#Version:')) return 'header';
      if (text.startsWith('#Fields:')) {
        names = text.slice('#Fields:'.length).trim().split(/\s+/);
        return 'header';
      }
      const values = text.split('\t');
      return values.length === names.length ? read(names, values, privacy) : undefined;
    };
  },
};

function read(
  names: readonly string[],
  values: readonly string[],
  privacy: Privacy,
): Entry | undefined {
  const cells = new Array<Cell>(MORE + 1).fill(null);
  const more: Record<string, string> = {};
  let [date, clock] = ['', ''];
  for (const [index, name] of names.entries()) {
    const value = values[index] ?? '-';
    const column = COLUMN_OF.get(name);
    if (name === 'date') date = value;
    else if (name === 'time') clock = value;
    else if (value === '-' || value === '') continue;
    else if (column !== undefined) {
      const cell = cellOf(name, value, privacy);
      if (cell === undefined) return undefined;
      cells[column] = cell;
    } else if (!isSecretName(name)) more[name] = value;
  }
  const time = isoTime(`${date}T${clock}Z`);
  if (Number.isNaN(time)) return undefined;
  cells[0] = new Date(time);
  if (Object.keys(more).length > 0) cells[MORE] = JSON.stringify(more);
  const status = cells[COLUMN_OF.get('sc-status') ?? MORE];
  const path = cells[COLUMN_OF.get('cs-uri-stem') ?? MORE];
  return {
    cells,
    time,
    status: typeof status === 'bigint' ? String(status) : undefined,
    path: typeof path === 'string' ? path : undefined,
    isError: typeof status === 'bigint' && isErrorStatus(Number(status)),
  };
}

/** @returns undefined where the value cannot be that field's */
function cellOf(name: string, value: string, privacy: Privacy): Cell | undefined {
  switch (name) {
    case 'sc-status':
      return statusCell(value);
    case 'sc-bytes':
    case 'cs-bytes':
    case 'sc-content-len':
      return wholeNumber(value);
    case 'time-taken':
    case 'time-to-first-byte':
      return /^\d{1,9}(?:\.\d{1,9})?$/.test(value) ? Number(value) : undefined;
    case 'c-ip':
      return privacy.address(value);
    case 'x-forwarded-for':
      return privacy.addresses(decoded(value));
    case 'cs-uri-query':
      return maskQuery(value);
    case 'cs(Referer)':
      return maskUrl(decoded(value));
    case 'cs(User-Agent)':
      return orNull(decoded(value));
    default:
      return value;
  }
}

/** `000` says that the viewer had gone before there was an answer. */
function statusCell(value: string): bigint | undefined {
  if (value === '000') return 0n;
  const status = httpStatus(value);
  return typeof status === 'number' ? BigInt(status) : undefined;
}
