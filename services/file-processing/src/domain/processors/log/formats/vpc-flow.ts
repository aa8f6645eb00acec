import type { Cell, Column } from '../../../content/parquet.ts';
import type { Privacy } from '../privacy.ts';
import { wholeNumber } from './fields.ts';
import type { Entry, LogFormat } from './format.ts';

/** The fields of version 2, which a log without a header has in this order. */
const DEFAULT_FIELDS =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status'.split(
    ' ',
  );

const COLUMNS: readonly Column[] = [
  { name: 'version', type: 'int64' },
  { name: 'account-id', type: 'string' },
  { name: 'interface-id', type: 'string' },
  { name: 'srcaddr', type: 'string' },
  { name: 'dstaddr', type: 'string' },
  { name: 'srcport', type: 'int64' },
  { name: 'dstport', type: 'int64' },
  { name: 'protocol', type: 'int64' },
  { name: 'packets', type: 'int64' },
  { name: 'bytes', type: 'int64' },
  { name: 'start', type: 'timestamp' },
  { name: 'end', type: 'timestamp' },
  { name: 'action', type: 'string' },
  { name: 'log-status', type: 'string' },
  { name: 'vpc-id', type: 'string' },
  { name: 'subnet-id', type: 'string' },
  { name: 'instance-id', type: 'string' },
  { name: 'tcp-flags', type: 'int64' },
  { name: 'type', type: 'string' },
  { name: 'pkt-srcaddr', type: 'string' },
  { name: 'pkt-dstaddr', type: 'string' },
  { name: 'region', type: 'string' },
  { name: 'az-id', type: 'string' },
  { name: 'pkt-src-aws-service', type: 'string' },
  { name: 'pkt-dst-aws-service', type: 'string' },
  { name: 'flow-direction', type: 'string' },
  { name: 'traffic-path', type: 'int64' },
  { name: 'reject-reason', type: 'string' },
];

const INDEX_OF = new Map(COLUMNS.map(({ name }, index) => [name, index]));
const MORE = COLUMNS.length;

/** What a header needs besides words of the right form: nobody's prose has them. */
const MIN_KNOWN_FIELDS = 3;

/**
 * A flow log of a VPC, with the header that its files in S3 have, or in the default format without.
 * Fields without a column are in `more`, as JSON. Source:
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
 */
export const vpcFlow: LogFormat = {
  name: 'vpc-flow',
  columns: [
    ...COLUMNS.map(({ name, type }) => ({ name: name.replaceAll('-', '_'), type })),
    { name: 'more', type: 'string' },
  ],
  reader(privacy) {
    let names = DEFAULT_FIELDS;
    return (text) => {
      const values = text.split(' ');
      if (isHeader(values)) {
        names = values;
        return 'header';
      }
      return values.length === names.length ? read(names, values, privacy) : undefined;
    };
  },
};

function isHeader(words: readonly string[]): boolean {
  // Records start with digits, or with a word that holds a digit, dot or colon.
  if (!/^[a-z][a-z-]*$/.test(words[0] ?? '')) return false;
  const known = words.filter((word) => INDEX_OF.has(word)).length;
  return (
    known >= Math.min(MIN_KNOWN_FIELDS, words.length) &&
    words.every((word) => /^[a-z][a-z0-9-]{1,40}$/.test(word))
  );
}

function read(
  names: readonly string[],
  values: readonly string[],
  privacy: Privacy,
): Entry | undefined {
  const cells = new Array<Cell>(MORE + 1).fill(null);
  const more: Record<string, string> = {};
  for (const [at, name] of names.entries()) {
    const value = values[at] ?? '-';
    if (value === '') return undefined;
    if (value === '-') continue;
    const index = INDEX_OF.get(name);
    const cell = cellOf(name, value, privacy);
    if (cell === undefined) return undefined;
    if (index === undefined) more[name] = value;
    else cells[index] = cell;
  }
  if (Object.keys(more).length > 0) cells[MORE] = JSON.stringify(more);
  const of = (name: string) => cells[INDEX_OF.get(name) ?? MORE];
  const [start, action, logStatus] = [of('start'), of('action'), of('log-status')];
  const status = action ?? logStatus;
  return {
    cells,
    time: start instanceof Date ? start.getTime() : undefined,
    status: typeof status === 'string' ? status : undefined,
    path: undefined,
    isError: action === 'REJECT' || logStatus === 'SKIPDATA',
  };
}

/** @returns undefined where the value cannot be that field's */
function cellOf(name: string, value: string, privacy: Privacy): Cell | undefined {
  switch (name) {
    case 'start':
    case 'end': {
      const seconds = wholeNumber(value);
      return seconds !== undefined && seconds < 10_000_000_000n
        ? new Date(Number(seconds) * 1000)
        : undefined;
    }
    case 'action':
      return value === 'ACCEPT' || value === 'REJECT' ? value : undefined;
    case 'log-status':
      return value === 'OK' || value === 'NODATA' || value === 'SKIPDATA' ? value : undefined;
    case 'srcaddr':
    case 'dstaddr':
    case 'pkt-srcaddr':
    case 'pkt-dstaddr':
      return privacy.machineAddress(value);
    default:
      return COLUMNS[INDEX_OF.get(name) ?? MORE]?.type === 'int64' ? wholeNumber(value) : value;
  }
}
