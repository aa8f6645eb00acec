import type { HttpEvent } from '../../src/http/gateway.ts';

export interface RequestOptions {
  readonly routeKey: string;
  readonly path?: string;
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly base64?: boolean;
}

/** An event as API Gateway sends it (payload format 2.0). */
export function httpEvent(options: RequestOptions): HttpEvent {
  const [method = 'GET', path = '/'] = options.routeKey.split(' ');
  return {
    version: '2.0',
    routeKey: options.routeKey,
    rawPath: options.path ?? path,
    rawQueryString: '',
    headers: options.headers ?? {},
    ...(options.query && { queryStringParameters: options.query }),
    ...(options.params && { pathParameters: options.params }),
    ...(options.body !== undefined && { body: options.body }),
    isBase64Encoded: options.base64 ?? false,
    requestContext: {
      accountId: '000000000000',
      apiId: 'api',
      domainName: 'localhost',
      domainPrefix: 'api',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      requestId: 'gateway-request',
      routeKey: options.routeKey,
      stage: '$default',
      time: '23/Nov/2026:09:00:00 +0000',
      timeEpoch: 1_795_424_400_000,
    },
  };
}
