import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CognitoEngine } from '../engines/cognito.ts';
import type { QueuesEngine } from '../engines/queues.ts';
import type { Faults } from '../faults/index.ts';
import type { Registry } from '../iot/registry/registry.ts';
import type { Shadows } from '../iot/shadows/shadows.ts';
import type { MessageBus, Nudge } from '../ports.ts';
import { withApiFaults } from './api-faults.ts';
import { notOffered, type Protocol, sendAwsError } from './aws-error.ts';
import type { DynamoDbProxy } from './dynamodb-proxy.ts';
import { withEngineTime } from './engine-time.ts';
import { handleIotControl } from './iot-control-api.ts';
import { handleIotData } from './iot-data-api.ts';
import type { KinesisFront } from './kinesis-front.ts';
import { handleLambda, type LambdaApiOptions } from './lambda-api.ts';
import { BodyTooLargeError, header } from './message.ts';
import { handleMillrace, type MillraceApi } from './millrace-api.ts';
import { handleQueues } from './queues-front.ts';
import { type Route, routeRequest } from './route.ts';
import { handleSts } from './sts-api.ts';
import { handlePreflight, handleWellKnown } from './well-known.ts';

/** Everything that the edge passes requests on to. */
export interface EdgeServices {
  readonly accountId: string;
  readonly dynamoDb: DynamoDbProxy;
  readonly kinesis: KinesisFront;
  readonly queues: QueuesEngine;
  readonly cognito: CognitoEngine;
  readonly s3: {
    handle(request: IncomingMessage, response: ServerResponse): Promise<void> | void;
  };
  readonly lambda: LambdaApiOptions;
  readonly bus: MessageBus;
  readonly registry: Registry;
  readonly shadows: Shadows;
  readonly millrace: MillraceApi;
  readonly nudge: Nudge;
  readonly faults: Faults;
}

/** Answers one request of any AWS service. Always answers: what goes wrong becomes a 500. */
export function createEdge(
  services: EdgeServices,
  log: (line: string) => void,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const route = routeRequest({
      method: request.method ?? 'GET',
      url: request.url ?? '/',
      target: header(request, 'x-amz-target'),
      authorization: request.headers.authorization,
      contentType: request.headers['content-type'],
      requestedHeaders: header(request, 'access-control-request-headers'),
    });
    const { clock } = services.millrace;
    const handle = (asked: IncomingMessage) =>
      withEngineTime(clock, route, asked, response, (adapted) =>
        dispatch(route, services, adapted, response),
      );
    withApiFaults(services.faults, route, request, response, handle).catch((error: unknown) => {
      refuse(route, request, response, error, log);
    });
  };
}

async function dispatch(
  route: Route,
  services: EdgeServices,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { nudge } = services;
  switch (route.service) {
    case 'dynamodb':
    case 'dynamodb-streams':
      return services.dynamoDb.handle(route.operation, request, response);
    case 'kinesis':
      return services.kinesis.handle(route.operation, request, response);
    case 'sqs':
      return handleQueues(services.queues, nudge, route.operation, request, response);
    case 'sns':
      return services.queues.handle(request, response);
    case 'cognito':
    case 'cognito-pages':
      return services.cognito.handle(request, response);
    case 'well-known':
      return handleWellKnown(services.cognito, route.poolId, route.document, request, response);
    case 'preflight':
      return handlePreflight(request, response);
    case 'sts':
      return handleSts(services.accountId, request, response);
    case 'lambda':
      return handleLambda(services.lambda, request, response);
    case 'iot':
      return handleIotControl(services.registry, request, response);
    case 'iot-data':
      return handleIotData(services, request, response);
    case 'millrace':
      return handleMillrace(services.millrace, request, response);
    case 's3':
      return services.s3.handle(request, response);
    case 'unknown':
      return sendAwsError(response, route.protocol, notOffered(route.name));
  }
}

const PROTOCOLS: Partial<Record<Route['service'], Protocol>> = {
  sns: 'query',
  sts: 'query',
  lambda: 'rest-json',
  iot: 'rest-json',
  'iot-data': 'rest-json',
  millrace: 'rest-json',
  s3: 's3',
};

function refuse(
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  log: (line: string) => void,
): void {
  // The client went away: nobody is left to answer.
  if (request.destroyed && !request.complete) return;
  const protocol = PROTOCOLS[route.service] ?? 'json';
  if (response.headersSent) {
    response.destroy();
  } else if (error instanceof BodyTooLargeError) {
    const message = `Request too large: ${error.message}.`;
    sendAwsError(response, protocol, { code: 'RequestEntityTooLarge', message, status: 413 });
  } else {
    log(`edge: ${route.service} failed: ${error instanceof Error ? error.stack : String(error)}`);
    const message = 'The local cloud failed to answer; its log says why.';
    sendAwsError(response, protocol, { code: 'InternalFailure', message, status: 500 });
  }
}
