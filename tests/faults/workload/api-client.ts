import type { Platform } from '../platform/platform.ts';
import type { Persist } from './persist.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export interface ApiRequest {
  /** The key of the API's function. */
  readonly fn: 'events' | 'orders' | 'uploads' | 'files' | 'devices' | 'search';
  /** `POST /v1/orders`. */
  readonly route: string;
  readonly id?: string;
  readonly idempotencyKey?: string;
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string>>;
}

/** A signed-in client that repeats a request until it has an answer. */
export interface ApiClient {
  readonly tenant: string;
  call(request: ApiRequest): Promise<ApiAnswer>;
}

export function createApiClient(
  platform: Platform,
  persist: Persist,
  tenant: string,
  token: string,
): ApiClient {
  return {
    tenant,
    call: (request) =>
      persist(request.route, async () => {
        const answer = await invoke(platform.cloud.edgeUrl, request, token);
        if (answer.status >= 500 || answer.body.code === 'request_in_progress') {
          throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
        }
        return answer;
      }),
  };
}

/** As the gateway invokes the function behind a route; no answer is a 5xx there. */
async function invoke(edgeUrl: string, request: ApiRequest, token: string): Promise<ApiAnswer> {
  const name = `millrace-api-local-${request.fn}`;
  const response = await fetch(`${edgeUrl}/2015-03-31/functions/${name}/invocations`, {
    method: 'POST',
    body: JSON.stringify(gatewayEvent(request, token)),
  });
  const text = await response.text();
  if (!response.ok || response.headers.has('x-amz-function-error')) {
    throw new Error(`${name}: ${response.status} ${text.slice(0, 200)}`);
  }
  const { statusCode, body } = JSON.parse(text) as { statusCode: number; body?: string };
  return { status: statusCode, body: body ? JSON.parse(body) : {} };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
function gatewayEvent(request: ApiRequest, token: string) {
  const { route, id, idempotencyKey, body, query } = request;
  const [method = '', path = ''] = route.split(' ');
  return {
    version: '2.0',
    routeKey: route,
    rawPath: path.replace('{id}', id ?? ''),
    rawQueryString: new URLSearchParams(query).toString(),
    ...(query !== undefined && { queryStringParameters: query }),
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    },
    ...(id !== undefined && { pathParameters: { id } }),
    requestContext: { http: { method, path } },
    isBase64Encoded: false,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
}
