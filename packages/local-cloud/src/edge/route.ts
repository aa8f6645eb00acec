import type { Protocol } from './aws-error.ts';

/** The parts of a request that tell which service is meant. */
export interface RequestLine {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  readonly target?: string | undefined;
  readonly authorization?: string | undefined;
  readonly contentType?: string | undefined;
  /** Of a preflight: the headers that a browser wants to send. */
  readonly requestedHeaders?: string | undefined;
}

export type Route =
  | { readonly service: 'dynamodb' | 'dynamodb-streams' | 'kinesis'; readonly operation: string }
  | { readonly service: 'sqs' | 'cognito'; readonly operation: string }
  | { readonly service: 'sns' | 'sts' | 'lambda' | 'iot' | 'iot-data' | 's3' | 'millrace' }
  | { readonly service: 'cognito-pages' | 'preflight' }
  | { readonly service: 'well-known'; readonly poolId: string; readonly document: string }
  | { readonly service: 'unknown'; readonly name: string; readonly protocol: Protocol };

/** Target prefixes of the AWS JSON protocol. */
const TARGETS: Record<string, 'dynamodb' | 'dynamodb-streams' | 'kinesis' | 'sqs' | 'cognito'> = {
  DynamoDB_20120810: 'dynamodb',
  DynamoDBStreams_20120810: 'dynamodb-streams',
  Kinesis_20131202: 'kinesis',
  AmazonSQS: 'sqs',
  AWSCognitoIdentityProviderService: 'cognito',
};

/** Services of the SigV4 credential scope that have no X-Amz-Target. */
const SCOPES: Record<string, 's3' | 'sns' | 'sts' | 'lambda' | 'iot' | 'iot-data'> = {
  s3: 's3',
  sns: 'sns',
  sts: 'sts',
  lambda: 'lambda',
  iot: 'iot',
  iotdata: 'iot-data',
  iotdevicegateway: 'iot-data',
};

/**
 * Which service a request is for: by X-Amz-Target, else by the service in the signature's scope,
 * else by the path; what says nothing of itself is S3's, like a presigned or public object.
 */
export function routeRequest(line: RequestLine): Route {
  const path = line.url.split('?', 1)[0] ?? '/';
  // No bucket name may hold an underscore: these paths cannot be S3's.
  if (path === '/_millrace' || path.startsWith('/_millrace/')) return { service: 'millrace' };
  const wellKnown = /^\/([\w-]+_[\w-]+)\/\.well-known\/([\w.-]+)$/.exec(path);
  if (wellKnown?.[1] && wellKnown[2]) {
    return { service: 'well-known', poolId: wellKnown[1], document: wellKnown[2] };
  }
  if (line.method === 'OPTIONS' && /x-amz-target/i.test(line.requestedHeaders ?? '')) {
    return { service: 'preflight' };
  }
  if (line.target !== undefined) return routeTarget(line.target);
  const scope = credentialScope(line);
  if (scope !== undefined) return routeScope(scope, line);
  return routePath(path, line);
}

function routeTarget(target: string): Route {
  const dot = target.lastIndexOf('.');
  const prefix = target.slice(0, Math.max(dot, 0));
  const service = TARGETS[prefix];
  if (service) return { service, operation: target.slice(dot + 1) };
  return { service: 'unknown', name: target, protocol: 'json' };
}

function routeScope(scope: string, line: RequestLine): Route {
  const service = SCOPES[scope];
  if (service) return { service };
  const protocol = isForm(line) ? 'query' : 'rest-json';
  // A client of the old Query protocol of SQS would get an answer that it cannot read.
  if (scope === 'sqs') return { service: 'unknown', name: 'the Query protocol of sqs', protocol };
  return { service: 'unknown', name: `the service ${scope}`, protocol };
}

function routePath(path: string, line: RequestLine): Route {
  if (/^\/20\d\d-\d\d-\d\d\/(functions|event-source-mappings)(\/|$)/.test(path)) {
    return { service: 'lambda' };
  }
  if (line.method === 'POST' && path.startsWith('/topics/')) return { service: 'iot-data' };
  if (/^\/oauth2\/(authorize|token|userInfo)$/.test(path)) return { service: 'cognito-pages' };
  if (line.method === 'POST' && path === '/' && isForm(line)) return { service: 'sns' };
  return { service: 's3' };
}

function isForm(line: RequestLine): boolean {
  return line.contentType?.includes('application/x-www-form-urlencoded') ?? false;
}

/** `Credential=<key>/<date>/<region>/<service>/aws4_request`, from the header or the query. */
function credentialScope(line: RequestLine): string | undefined {
  const fromHeader = /Credential=[^,\s]*?\/\d{8}\/[^/,\s]*\/([^/,\s]+)\/aws4_request/.exec(
    line.authorization ?? '',
  )?.[1];
  if (fromHeader) return fromHeader;
  const query = line.url.split('?')[1];
  if (!query) return undefined;
  return new URLSearchParams(query).get('X-Amz-Credential')?.split('/').at(-2);
}
