import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';
import { verifyPresignedV2 } from './signature-v2.ts';

export interface SignatureContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Turns the time of the signer, who has the machine's clock, into the cloud's. */
  readonly arrivalOf?: ((instant: number) => number) | undefined;
  readonly region: string;
  readonly credentials: ReadonlyMap<string, string>;
}

const WEEK_SECONDS = 604_800;
const CLOCK_SKEW_MS = 15 * 60_000;

/**
 * Lets a request in or throws. A header-signed request passes with any credentials, as the local
 * cloud promises; a presigned URL is proof of what its owner allowed and is verified in full.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 *
 * @throws S3Error AccessDenied, AuthorizationQueryParametersError, InvalidAccessKeyId,
 *   SignatureDoesNotMatch
 */
export function authenticate(request: S3Request, context: SignatureContext): void {
  if (request.isPresigned) verifyPresigned(request, context);
  else if (request.query('Signature') !== undefined) verifyPresignedV2(request, context);
  else if (request.header('authorization') === undefined) throw new S3Error('AccessDenied');
}

interface Presigned {
  readonly accessKeyId: string;
  /** `date/region/s3/aws4_request`. */
  readonly scope: string;
  readonly date: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

function verifyPresigned(request: S3Request, context: SignatureContext): void {
  const presigned = readPresigned(request, context);
  const secret = context.credentials.get(presigned.accessKeyId);
  if (secret === undefined) {
    throw new S3Error('InvalidAccessKeyId', { details: { AWSAccessKeyId: presigned.accessKeyId } });
  }
  refuseUnsignedHeaders(request, presigned.signedHeaders);
  const canonical = canonicalRequest(request, presigned.signedHeaders);
  const stringToSign = [
    'AWS4-HMAC-SHA256',
    presigned.date,
    presigned.scope,
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n');
  const expected = sign(secret, presigned.scope, stringToSign);
  if (sameText(expected, presigned.signature)) return;
  throw new S3Error('SignatureDoesNotMatch', {
    details: {
      AWSAccessKeyId: presigned.accessKeyId,
      StringToSign: stringToSign,
      SignatureProvided: presigned.signature,
      CanonicalRequest: canonical,
    },
  });
}

function readPresigned(request: S3Request, context: SignatureContext): Presigned {
  const [algorithm, credential, date, expires, signedHeaders, signature] = [
    'X-Amz-Algorithm',
    'X-Amz-Credential',
    'X-Amz-Date',
    'X-Amz-Expires',
    'X-Amz-SignedHeaders',
    'X-Amz-Signature',
  ].map((name) => request.query(name) ?? '');
  if (!algorithm || !credential || !date || !expires || !signedHeaders || !signature) {
    throw new S3Error('AuthorizationQueryParametersError');
  }
  if (algorithm !== 'AWS4-HMAC-SHA256') {
    throw badParameter('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"');
  }
  const { accessKeyId, scope } = readCredential(credential, date, context.region);
  checkValidity(date, expires, context);
  return { accessKeyId, scope, date, signedHeaders: signedHeaders.split(';'), signature };
}

function readCredential(
  credential: string,
  date: string,
  region: string,
): { accessKeyId: string; scope: string } {
  const parts = credential.split('/');
  const [day, scopeRegion, service, terminator] = parts.slice(-4);
  const accessKeyId = parts.slice(0, -4).join('/');
  if (accessKeyId === '' || terminator !== 'aws4_request') {
    throw badCredential('should be of the form <YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request');
  }
  if (day !== date.slice(0, 8)) {
    throw badCredential(
      `incorrect date format "${day}". This date in the credential must be in the format "yyyyMMdd" and match X-Amz-Date.`,
    );
  }
  if (scopeRegion !== region) {
    throw badCredential(`the region '${scopeRegion}' is wrong; expecting '${region}'`);
  }
  if (service !== 's3')
    throw badCredential(`incorrect service "${service}". This endpoint belongs to "s3".`);
  return { accessKeyId, scope: parts.slice(-4).join('/') };
}

function checkValidity(date: string, expires: string, context: SignatureContext): void {
  const { now, arrivalOf = (instant) => instant } = context;
  const signed = parseAmzDate(date);
  if (signed === undefined) {
    throw badParameter("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  }
  if (!/^-?\d{1,12}$/.test(expires)) throw badParameter('X-Amz-Expires should be a number');
  const seconds = Number(expires);
  if (seconds < 0) throw badParameter('X-Amz-Expires must be non-negative');
  if (seconds > WEEK_SECONDS) {
    throw badParameter(
      `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${WEEK_SECONDS} seconds`,
    );
  }
  // A date of whole seconds was signed at some time within its second.
  const start = arrivalOf(signed + 999) - 999;
  if (start > now + CLOCK_SKEW_MS) {
    throw new S3Error('AccessDenied', { message: 'Request is not valid yet' });
  }
  const end = start + seconds * 1000;
  if (now > end) {
    throw new S3Error('AccessDenied', {
      message: 'Request has expired',
      details: {
        'X-Amz-Expires': expires,
        Expires: isoSeconds(end),
        ServerTime: isoSeconds(now),
      },
    });
  }
}

/** Otherwise whoever holds a URL could add, say, metadata that its signer never saw. */
function refuseUnsignedHeaders(request: S3Request, signed: readonly string[]): void {
  const unsigned = [...request.wireHeaders.keys()].filter(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !signed.includes(name),
  );
  if (unsigned.length === 0) return;
  throw new S3Error('AccessDenied', {
    message: 'There were headers present in the request which were not signed',
    details: { HeadersNotSigned: unsigned.join(', ') },
  });
}

function canonicalRequest(request: S3Request, signedHeaders: readonly string[]): string {
  const query = request.parameters
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]): [string, string] => [encode(name), encode(value)])
    .sort(([a, av], [b, bv]) => compare(a, b) || compare(av, bv))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const headers = signedHeaders.map((name) => {
    const value = request.wireHeaders.get(name) ?? '';
    return `${name}:${value.trim().replace(/ +/g, ' ')}\n`;
  });
  return [
    request.method,
    request.path.split('/').map(encode).join('/'),
    query,
    headers.join(''),
    signedHeaders.join(';'),
    request.header('x-amz-content-sha256') ?? 'UNSIGNED-PAYLOAD',
  ].join('\n');
}

function sign(secret: string, scope: string, text: string): string {
  const key = scope
    .split('/')
    .reduce<string | Buffer>((above, part) => hmac(above, part), `AWS4${secret}`);
  return hmac(key, text).toString('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** RFC 3986; `encodeURIComponent` leaves five characters that AWS escapes. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function parseAmzDate(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match.map(Number);
  const time = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second);
  return Number.isNaN(time) ? undefined : time;
}

function isoSeconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}

function badParameter(message: string): S3Error {
  return new S3Error('AuthorizationQueryParametersError', { message });
}

function badCredential(problem: string): S3Error {
  return badParameter(`Error parsing the X-Amz-Credential parameter; ${problem}`);
}
