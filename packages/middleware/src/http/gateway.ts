import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/**
 * What an HTTP API sends, payload format 2.0: header names in lower case, values of one name joined
 * by commas. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export type HttpEvent = APIGatewayProxyEventV2;

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Of a request's header; `name` in lower case. */
export function headerOf(event: HttpEvent, name: string): string | undefined {
  return event.headers?.[name];
}

const SANE_CORRELATION_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** The caller's own id where it is harmless in logs and headers, else the invocation's. */
export function correlationIdOf(event: HttpEvent, requestId: string): string {
  const given = headerOf(event, 'x-correlation-id');
  return given !== undefined && SANE_CORRELATION_ID.test(given) ? given : requestId;
}
