import { receiveText } from './body.ts';
import type { Bucket, CorsRule } from './bucket-table.ts';
import { type BucketRequest, commit, type S3Context } from './context.ts';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';
import { type S3Response, xmlResponse } from './response.ts';
import { childrenOf, parseXml, textOf, textsOf, type XmlElement } from './xml.ts';

const VARY = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method';

/**
 * The CORS headers of an ordinary answer (errors too); none when no rule allows it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
 */
export function corsHeaders(context: S3Context, request: S3Request): Record<string, string> {
  const origin = request.header('origin');
  if (origin === undefined || request.bucket === undefined) return {};
  const rules = context.buckets.find(request.bucket)?.cors;
  const rule = rules?.find((one) => allows(one, origin, request.method, []));
  return rule ? allowHeaders(rule, origin) : {};
}

/** Answers a browser that asks before it sends. @throws S3Error BadRequest, AccessForbidden */
export function preflight(context: S3Context, request: BucketRequest): S3Response {
  const origin = request.header('origin');
  const method = request.header('access-control-request-method');
  if (origin === undefined) throw new S3Error('BadRequest');
  if (method === undefined) {
    throw new S3Error('BadRequest', { message: 'Invalid Access-Control-Request-Method: null' });
  }
  const wanted = (request.header('access-control-request-headers') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const bucket = context.buckets.require(request.bucket);
  const rule = bucket.cors.find((one) => allows(one, origin, method, wanted));
  if (!rule) throw refusal(bucket, method);
  return {
    status: 200,
    headers: {
      ...allowHeaders(rule, origin),
      'access-control-allow-headers': wanted.length > 0 ? wanted.join(', ') : undefined,
      'access-control-max-age':
        rule.maxAgeSeconds === undefined ? undefined : String(rule.maxAgeSeconds),
    },
  };
}

function refusal(bucket: Bucket, method: string): S3Error {
  return new S3Error('AccessForbidden', {
    message:
      bucket.cors.length === 0
        ? 'CORSResponse: CORS is not enabled for this bucket.'
        : "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
    details: { Method: method, ResourceType: 'BUCKET' },
  });
}

function allows(
  rule: CorsRule,
  origin: string,
  method: string,
  headers: readonly string[],
): boolean {
  return (
    rule.allowedMethods.includes(method) &&
    rule.allowedOrigins.some((pattern) => matches(pattern, origin)) &&
    headers.every((name) =>
      (rule.allowedHeaders ?? []).some((pattern) => matches(pattern.toLowerCase(), name)),
    )
  );
}

function matches(pattern: string, text: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === text;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return (
    text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after)
  );
}

function allowHeaders(rule: CorsRule, origin: string): Record<string, string> {
  const isForAll = rule.allowedOrigins.includes('*');
  return {
    'access-control-allow-origin': isForAll ? '*' : origin,
    'access-control-allow-methods': rule.allowedMethods.join(', '),
    ...(isForAll ? {} : { 'access-control-allow-credentials': 'true' }),
    ...(rule.exposeHeaders?.length
      ? { 'access-control-expose-headers': rule.exposeHeaders.join(', ') }
      : {}),
    vary: VARY,
  };
}

export function getBucketCors(context: S3Context, request: BucketRequest): S3Response {
  const { cors } = context.buckets.require(request.bucket);
  if (cors.length === 0) throw new S3Error('NoSuchCORSConfiguration');
  return xmlResponse('CORSConfiguration', {
    CORSRule: cors.map((rule) => ({
      ID: rule.id,
      AllowedHeader: rule.allowedHeaders ?? [],
      AllowedMethod: rule.allowedMethods,
      AllowedOrigin: rule.allowedOrigins,
      ExposeHeader: rule.exposeHeaders ?? [],
      MaxAgeSeconds: rule.maxAgeSeconds,
    })),
  });
}

export async function putBucketCors(
  context: S3Context,
  request: BucketRequest,
): Promise<S3Response> {
  const document = parseXml(await receiveText(request), 'CORSConfiguration');
  const cors = childrenOf(document, 'CORSRule').map(readRule);
  if (cors.length === 0 || cors.length > 100) throw new S3Error('MalformedXML');
  saveCors(context, request, cors);
  return { status: 200 };
}

export function deleteBucketCors(context: S3Context, request: BucketRequest): S3Response {
  saveCors(context, request, []);
  return { status: 204 };
}

function saveCors(context: S3Context, request: BucketRequest, cors: readonly CorsRule[]): void {
  commit(context, () => {
    context.buckets.save({ ...context.buckets.require(request.bucket), cors });
  });
}

const METHODS = ['GET', 'PUT', 'HEAD', 'POST', 'DELETE'];

function readRule(element: XmlElement): CorsRule {
  const allowedMethods = textsOf(element, 'AllowedMethod');
  const allowedOrigins = textsOf(element, 'AllowedOrigin');
  if (allowedMethods.length === 0 || allowedOrigins.length === 0) {
    throw new S3Error('MalformedXML');
  }
  const unknown = allowedMethods.find((method) => !METHODS.includes(method));
  if (unknown !== undefined) {
    throw new S3Error('InvalidRequest', {
      message: `Found unsupported HTTP method in CORS config. Unsupported method is ${unknown}`,
    });
  }
  const [id, maxAge] = [textOf(element, 'ID'), textOf(element, 'MaxAgeSeconds')];
  return {
    ...(id === undefined ? {} : { id }),
    allowedOrigins,
    allowedMethods,
    allowedHeaders: textsOf(element, 'AllowedHeader'),
    exposeHeaders: textsOf(element, 'ExposeHeader'),
    ...(maxAge === undefined ? {} : { maxAgeSeconds: Number(maxAge) }),
  };
}
