import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';

/** One page of a listing in which keys that share a prefix up to the delimiter are one entry. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly commonPrefixes: readonly string[];
  /** The last entry of a page after which there is more. */
  readonly next: { readonly row: Row } | { readonly commonPrefix: string } | undefined;
}

export interface PageRequest<Row> {
  /** Rows in key order: from the listing's own start, or from the first key ≥ `skipTo`. */
  readonly scan: (skipTo: Uint8Array | undefined) => Iterable<Row>;
  readonly keyOf: (row: Row) => string;
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxEntries: number;
}

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-prefixes.html
 * After each common prefix the scan starts anew behind it: the cost is by entries, not by keys.
 */
export function listPage<Row>({
  scan,
  keyOf,
  prefix,
  delimiter,
  maxEntries,
}: PageRequest<Row>): Page<Row> {
  const rows: Row[] = [];
  const commonPrefixes: string[] = [];
  let last: Page<Row>['next'];
  let skipTo: Uint8Array | undefined;
  for (let isMore = maxEntries > 0; isMore; ) {
    isMore = false;
    for (const row of scan(skipTo)) {
      if (rows.length + commonPrefixes.length === maxEntries) {
        return { rows, commonPrefixes, next: last };
      }
      const commonPrefix = rollUp(keyOf(row), prefix, delimiter);
      if (commonPrefix === undefined) {
        rows.push(row);
        last = { row };
      } else {
        commonPrefixes.push(commonPrefix);
        last = { commonPrefix };
        skipTo = successor(commonPrefix);
        isMore = skipTo !== undefined;
        break;
      }
    }
  }
  return { rows, commonPrefixes, next: undefined };
}

/** The part of the key up to the first delimiter behind the prefix. */
export function rollUp(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/** The least byte string that is greater than all that start with `prefix`. */
export function successor(prefix: string): Uint8Array | undefined {
  const bytes = Buffer.from(prefix);
  for (let length = bytes.length; length > 0; length -= 1) {
    const last = bytes[length - 1] ?? 0xff;
    if (last < 0xff) return Buffer.concat([bytes.subarray(0, length - 1), Buffer.of(last + 1)]);
  }
  return undefined;
}

export function later(left: Uint8Array, right: Uint8Array): Uint8Array {
  return Buffer.compare(left, right) >= 0 ? left : right;
}

/** How keys are shown: as they are, or URL-encoded for the sake of XML. */
export type KeyEncoder = (key: string) => string;

/** @throws S3Error InvalidArgument */
export function keyEncoder(request: S3Request): KeyEncoder {
  const type = request.query('encoding-type');
  if (type === undefined || type === '') return (key) => key;
  if (type === 'url') return encodeKey;
  throw new S3Error('InvalidArgument', {
    message: 'Invalid Encoding Method specified in Request',
    details: { ArgumentName: 'encoding-type', ArgumentValue: type },
  });
}

/** As S3 does it: slashes stay, a space becomes a plus. */
function encodeKey(key: string): string {
  return encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')
    .replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function showPrefixes(
  commonPrefixes: readonly string[],
  encode: KeyEncoder,
): { Prefix: string }[] {
  return commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) }));
}
