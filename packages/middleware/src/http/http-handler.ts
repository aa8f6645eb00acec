import { ProblemError } from '@millrace/types';
import { errorCode } from '../errors.ts';
import { functionHandler, type LambdaFunction } from '../handler.ts';
import type { Invocation } from '../invocation.ts';
import { jsonAnswer, problemAnswer, textAnswer } from './answer.ts';
import { isBusy } from './busy.ts';
import { correlationIdOf, type HttpAnswer, type HttpEvent } from './gateway.ts';
import type { Operations } from './operations.ts';
import { decodeRequest } from './request.ts';
import { type AnyRoute, noRoute, operationNameOf, pathsOf, routeOf } from './routing.ts';
import type { TokenVerifier } from './tokens.ts';

export interface HttpHandlerOptions {
  /** The part of the contract that this function serves. */
  readonly operations: Operations;
  /** Needed where one of the operations needs a token. */
  readonly verifyToken?: TokenVerifier;
  /** JSON texts by path, served without a token: `{'/openapi.json': () => …}`. */
  readonly documents?: Readonly<Record<string, () => string>>;
}

/** The Lambda function behind a part of the HTTP API. */
export function createHttpHandler(
  options: HttpHandlerOptions,
): LambdaFunction<HttpEvent, HttpAnswer> {
  return functionHandler<HttpEvent, HttpAnswer>((event, invocation) =>
    answerRequest(options, event, invocation),
  );
}

/** Answers every request: what is thrown becomes a problem document, and 5xx are logged here once. */
export async function answerRequest(
  options: HttpHandlerOptions,
  event: HttpEvent,
  invocation: Invocation,
): Promise<HttpAnswer> {
  const correlationId = correlationIdOf(event, invocation.requestId);
  const seen = { operation: operationNameOf(event), correlationId };
  try {
    const answer = await serve(options, event, invocation, correlationId);
    invocation.logger.info('request_answered', { ...seen, status: answer.statusCode });
    return answer;
  } catch (error) {
    const problem = error instanceof ProblemError ? error : concealed(error);
    const entry = { ...seen, status: problem.status, code: problem.code };
    if (problem.status < 500) invocation.logger.info('request_refused', entry);
    else {
      const cause = error instanceof Error ? error : new Error(String(error));
      invocation.logger.error('request_failed', {
        ...entry,
        cause: errorCode(error),
        error: cause,
      });
    }
    return problemAnswer(problem, correlationId);
  }
}

async function serve(
  options: HttpHandlerOptions,
  event: HttpEvent,
  invocation: Invocation,
  correlationId: string,
): Promise<HttpAnswer> {
  const document = documentOf(options, event);
  if (document !== undefined) {
    const answer = jsonAnswer(200, undefined, { 'x-correlation-id': correlationId });
    return {
      ...answer,
      headers: { ...answer.headers, 'content-type': 'application/json' },
      body: document(),
    };
  }
  const route = routeOf(event);
  const operation = route && options.operations[route.operationId];
  if (route === undefined || operation === undefined) throw noRoute(event);
  const caller = route.authenticated ? await verifierOf(options, route)(event) : undefined;
  // Sound by construction: the request was decoded by the contract of this very operation.
  const run = operation as (request: unknown) => Promise<{
    body: unknown;
    headers?: Readonly<Record<string, string>>;
  }>;
  const { body, headers } = await run({ ...decodeRequest(event, route), caller, invocation });
  const { status, mediaType } = route.success;
  const all = { 'x-correlation-id': correlationId, ...headers };
  return mediaType === undefined
    ? jsonAnswer(status, body, all)
    : textAnswer(status, mediaType, String(body), all);
}

function documentOf(options: HttpHandlerOptions, event: HttpEvent): (() => string) | undefined {
  return Object.entries(options.documents ?? {}).find(([path]) =>
    pathsOf(path, false).some((served) => event.routeKey === `GET ${served}`),
  )?.[1];
}

function verifierOf(options: HttpHandlerOptions, route: AnyRoute): TokenVerifier {
  if (options.verifyToken !== undefined) return options.verifyToken;
  throw new TypeError(`The operation ${route.operationId} needs a token, but nothing verifies it.`);
}

/** What the caller is told of an error that is not theirs: nothing but whether to try again. */
function concealed(cause: unknown): ProblemError {
  return isBusy(cause)
    ? new ProblemError('service_unavailable', 'Try again in a moment.', {
        cause,
        retryAfterSeconds: 1,
      })
    : new ProblemError('internal_error', 'It is recorded under this correlation id.', { cause });
}
