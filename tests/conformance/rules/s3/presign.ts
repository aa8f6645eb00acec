import { createHash, createHmac } from 'node:crypto';
import type { Stage } from '../../stage/stage.ts';

const UNRESERVED = /[A-Za-z0-9\-._~]/;
const encode = (text: string) =>
  [...Buffer.from(text)]
    .map((byte) => String.fromCharCode(byte))
    .map((char) => (UNRESERVED.test(char) ? char : `%${hexOf(char)}`))
    .join('');
const hexOf = (char: string) => char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');

const hmac = (key: string | Buffer, text: string) =>
  createHmac('sha256', key).update(text).digest();

/**
 * A correctly signed URL to PUT the object for `expires` seconds, which may be more than the SDK is
 * willing to sign for.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export async function presignPutFor(
  stage: Stage,
  bucket: string,
  key: string,
  expires: number,
): Promise<string> {
  const { accessKeyId, secretAccessKey } = await stage.clients.s3.config.credentials();
  const { endpoint, region } = stage.subject;
  const date = new Date().toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const scope = [date.slice(0, 8), region, 's3', 'aws4_request'];
  const query = [
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', [accessKeyId, ...scope].join('/')],
    ['X-Amz-Date', date],
    ['X-Amz-Expires', String(expires)],
    ['X-Amz-SignedHeaders', 'host'],
  ]
    .map((pair) => pair.map((text) => encode(text)).join('='))
    .join('&');
  const path = `/${encode(bucket)}/${encode(key)}`;
  const host = new URL(endpoint).host;
  const request = ['PUT', path, query, `host:${host}\n`, 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const digest = createHash('sha256').update(request).digest('hex');
  const toSign = ['AWS4-HMAC-SHA256', date, scope.join('/'), digest].join('\n');
  const signingKey = scope.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const signature = hmac(signingKey, toSign).toString('hex');
  return `${endpoint}${path}?${query}&X-Amz-Signature=${signature}`;
}
