import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { S3Error } from './errors.ts';

export type WireRequest = IncomingMessage | Http2ServerRequest;

/** A request as the operations see it. */
export interface S3Request {
  readonly method: string;
  /** Decoded; starts with `/`. Holds the bucket in path style. */
  readonly path: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  /** Decoded parameters in the order in which they were sent. */
  readonly parameters: readonly (readonly [string, string])[];
  /** Lower-case names, as they came over the wire. */
  readonly wireHeaders: ReadonlyMap<string, string>;
  readonly isPresigned: boolean;
  readonly requestId: string;
  readonly hostId: string;
  readonly sourceIp: string;
  readonly wire: WireRequest;
  query(name: string): string | undefined;
  /** A header, or the parameter that a presigned URL carries in its place. */
  header(name: string): string | undefined;
  /** All names that `header` knows. */
  headerNames(): Iterable<string>;
}

/** The two ids of a request and where it came from: known before anything else can fail. */
export type RequestIdentity = Pick<S3Request, 'requestId' | 'hostId' | 'sourceIp'>;

/** Names the host that served a request, as AWS describes `x-amz-id-2`: here there is one. */
const HOST_ID = randomBytes(48).toString('base64');

export function identify(wire: WireRequest): RequestIdentity {
  return {
    requestId: randomUUID().replaceAll('-', '').slice(-16).toUpperCase(),
    hostId: HOST_ID,
    sourceIp: (wire.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, ''),
  };
}

const MAX_KEY_BYTES = 1024;

/** @throws S3Error InvalidURI, KeyTooLongError */
export function parseRequest(wire: WireRequest, identity: RequestIdentity): S3Request {
  const url = wire.url ?? '/';
  const mark = url.indexOf('?');
  const path = decode(mark < 0 ? url : url.slice(0, mark));
  const parameters = parseParameters(mark < 0 ? '' : url.slice(mark + 1));
  const wireHeaders = readHeaders(wire);
  const { bucket, key } = locate(path, wireHeaders.get('host') ?? '');
  if (key !== undefined && Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new S3Error('KeyTooLongError', {
      details: { Size: String(Buffer.byteLength(key)), MaxSizeAllowed: String(MAX_KEY_BYTES) },
    });
  }
  const query = new Map(parameters);
  const isPresigned = query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature');
  const headers = new Map([...(isPresigned ? hoisted(parameters) : []), ...wireHeaders]);
  return {
    ...identity,
    method: wire.method ?? 'GET',
    path,
    bucket,
    key,
    parameters,
    wireHeaders,
    isPresigned,
    wire,
    query: (name) => query.get(name),
    header: (name) => headers.get(name),
    headerNames: () => headers.keys(),
  };
}

function readHeaders(wire: WireRequest): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(wire.headers)) {
    if (value === undefined || name.startsWith(':')) continue;
    headers.set(name, Array.isArray(value) ? value.join(',') : value);
  }
  const authority = wire.headers[':authority'];
  if (typeof authority === 'string' && !headers.has('host')) headers.set('host', authority);
  return headers;
}

/** What S3 reads from headers only; in a URL it is passed over. */
const NEVER_HOISTED =
  /^x-amz-(?:checksum-(?!algorithm|mode|type)|sdk-checksum-algorithm$|trailer$)/;

/**
 * A presigner may move `x-amz-*` headers into the URL: they count as headers. Checksums do not: S3
 * supports none in a presigned URL, and the SDK puts the one of an empty body there.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
 */
function hoisted(parameters: readonly (readonly [string, string])[]): [string, string][] {
  return parameters
    .map(([name, value]): [string, string] => [name.toLowerCase(), value])
    .filter(([name]) => name.startsWith('x-amz-') && !NEVER_HOISTED.test(name));
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html */
const BUCKET_HOST =
  /^(?<bucket>[^:]+?)\.(?:s3(?:[.-][a-z0-9-]+)?\.)?(?:localhost|(?<=\.s3\.|\.s3[.-][a-z0-9-]+\.)amazonaws\.com)(?::\d+)?$/i;
const SERVICE_HOST = /^s3(?:[.-][a-z0-9-]+)?\.(?:localhost|amazonaws\.com)(?::\d+)?$/i;

function locate(path: string, host: string): Pick<S3Request, 'bucket' | 'key'> {
  const bucket = SERVICE_HOST.test(host) ? undefined : BUCKET_HOST.exec(host)?.groups?.bucket;
  if (bucket !== undefined) return { bucket, key: path.slice(1) || undefined };
  const slash = path.indexOf('/', 1);
  return {
    bucket: (slash < 0 ? path.slice(1) : path.slice(1, slash)) || undefined,
    key: slash < 0 ? undefined : path.slice(slash + 1) || undefined,
  };
}

function parseParameters(query: string): [string, string][] {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair): [string, string] => {
      const equals = pair.indexOf('=');
      const name = equals < 0 ? pair : pair.slice(0, equals);
      const value = equals < 0 ? '' : pair.slice(equals + 1);
      return [decode(name.replaceAll('+', ' ')), decode(value.replaceAll('+', ' '))];
    });
}

/**
 * Percent-decodes without the clean-up that `URL` does (`..` and `//` are ordinary parts of a key).
 * Bytes above 127 that came unescaped are read as UTF-8, as curl sends them.
 *
 * @throws S3Error InvalidURI
 */
export function decode(text: string): string {
  try {
    const escaped = text.replace(
      /[\u0080-\u00ff]/g,
      (byte) => `%${byte.charCodeAt(0).toString(16)}`,
    );
    return decodeURIComponent(escaped);
  } catch (cause) {
    throw new S3Error('InvalidURI', { cause });
  }
}

/** A whole number from the query within its limits. @throws S3Error InvalidArgument */
export function integerParameter(
  request: S3Request,
  name: string,
  { fallback, minimum, maximum }: { fallback: number; minimum: number; maximum: number },
): number {
  const text = request.query(name);
  if (text === undefined || text === '') return fallback;
  if (!/^\d{1,10}$/.test(text) || Number(text) < minimum) {
    throw new S3Error('InvalidArgument', {
      message: `Provided ${name} not an integer or within integer range`,
      details: { ArgumentName: name, ArgumentValue: text },
    });
  }
  return Math.min(Number(text), maximum);
}
