import { detectEncoding, sampleText } from '../../content/text-encoding.ts';
import type { Kind, Sample } from '../../kind.ts';
import { detectDialect } from './dialect.ts';

const SAMPLE_BYTES = 64 * 1024;

export const tableKind: Kind = {
  name: 'table',
  version: 1,
  accepts: 'CSV, TSV, JSON and NDJSON tables',
  maxBytes: 5 * 1024 ** 3,
  recognize(sample) {
    if (sample.signature !== undefined || sample.bytes.length === 0) return undefined;
    const encoding = detectEncoding(sample.bytes);
    if (encoding === undefined) return undefined;
    const text = sampleText(sample.bytes, encoding);
    return jsonType(text, sample) ?? delimitedType(text, sample);
  },
};

function jsonType(text: string, sample: Sample): string | undefined {
  if (/^\s*\[\s*\{/.test(text)) return 'application/json';
  if (/^\s*\[\s*\]\s*$/.test(text))
    return isNamed(sample, /\.json$/i, /json$/) && 'application/json';
  if (!/^\s*\{/.test(text)) return undefined;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const complete = isWhole(sample) || lines.length === 1 ? lines : lines.slice(0, -1);
  const isHinted = isNamed(sample, /\.(?:ndjson|jsonl)$/i, /(?:ndjson|jsonl|json-?lines)$/);
  // What is said to be rows is so although some are broken: those are rejected one by one.
  const isLines = isHinted
    ? complete.slice(0, 20).filter(isObject).length * 2 >= Math.min(20, complete.length)
    : complete.length > 1 && complete.slice(0, 3).every(isObject);
  return isLines ? 'application/x-ndjson' : undefined;
}

function delimitedType(text: string, sample: Sample): string | undefined {
  if (/^\s*[[{<]/.test(text)) return undefined;
  const hinted = isNamed(sample, /\.(?:csv|tsv|tab|psv)$/i, /(?:csv|tab-separated-values)$/);
  const dialect = detectDialect(text, { isWhole: isWhole(sample), hinted: hinted !== undefined });
  if (!dialect) return undefined;
  return dialect.delimiter === '\t' ? 'text/tab-separated-values' : 'text/csv';
}

/** A compressed file is called what is inside of it, and then some. */
function isNamed(
  { name, declaredType = '' }: Sample,
  names: RegExp,
  types: RegExp,
): true | undefined {
  const inside = name.replace(/\.(?:gz|gzip|zst|zstd)$/i, '');
  const [type = ''] = declaredType.toLowerCase().split(';');
  return names.test(inside) || types.test(type.trim()) || undefined;
}

function isObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function isWhole({ bytes, size, compression }: Sample): boolean {
  return bytes.length < SAMPLE_BYTES || (compression === undefined && bytes.length === size);
}
