import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { ownUserAgent } from '../addresses.ts';
import { systemClock } from '../clock.ts';
import { type ApiCall, type ApiFate, type Faults, fingerprint } from '../faults/index.ts';
import { POLLER_USER_AGENT } from '../triggers/aws-clients.ts';
import { sendAwsError } from './aws-error.ts';
import { failureOf, protocolOf, throttleOf } from './injected-errors.ts';
import { answerInstead, cutInstead } from './lost-answer.ts';
import { header, readBody, replayRequest } from './message.ts';
import type { Route } from './route.ts';
import { SHADOW_PATH } from './shadow-api.ts';

/** SendMessageBatch's limit, the largest of those whose body is read here. */
const MAX_REQUEST_BYTES = 22 * 1024 * 1024;

type Handle = (request: IncomingMessage) => Promise<void> | void;

/**
 * Lets a service's call of an AWS API meet what the fault plan has in store for it. The cloud's own
 * calls are left alone: on AWS, nobody sees those of the pollers fail either.
 */
export async function withApiFaults(
  faults: Faults,
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
  handle: Handle,
): Promise<void> {
  const service = faultyService(route);
  if (service === undefined || !faults.mentionsService(service) || isOwnCall(request)) {
    return handle(request);
  }
  const { call, replay } = await readCall(service, route, request);
  const fate = faults.api(call);
  if (fate && fate.latencyMs > 0) await systemClock.sleep(fate.latencyMs);
  return meet(fate, call, replay, response, handle);
}

async function meet(
  fate: ApiFate | undefined,
  call: ApiCall,
  request: IncomingMessage,
  response: ServerResponse,
  handle: Handle,
): Promise<void> {
  switch (fate?.outcome) {
    case undefined:
    case 'run':
      return handle(request);
    case 'throttle':
    case 'fail':
      // A client that is answered before it has sent its body may never read the answer.
      await drain(request);
      fate.count();
      return refuse(response, call, fate.outcome);
    case 'failAfter':
      return lose(fate, call, request, response, handle);
  }
}

async function lose(
  fate: ApiFate,
  call: ApiCall,
  request: IncomingMessage,
  response: ServerResponse,
  handle: Handle,
): Promise<void> {
  if (!fate.cut) {
    answerInstead(response, () => {
      fate.count();
      refuse(response, call, 'fail');
    });
    return handle(request);
  }
  let cut = false;
  cutInstead(response, () => {
    cut = true;
    fate.count();
  });
  try {
    await handle(request);
  } catch (error) {
    // Who was still writing the answer sees the connection break.
    if (!cut) throw error;
  }
}

function refuse(response: ServerResponse, call: ApiCall, why: 'throttle' | 'fail'): void {
  const error = why === 'throttle' ? throttleOf(call) : failureOf(call);
  if (error.queryError) response.setHeader('x-amzn-query-error', error.queryError);
  sendAwsError(response, protocolOf(call), error);
}

async function drain(request: IncomingMessage): Promise<void> {
  request.resume();
  // A client that goes away meanwhile needs no answer; writing one harms nobody.
  await finished(request, { writable: false }).catch(() => {});
}

function isOwnCall(request: IncomingMessage): boolean {
  const agent = header(request, 'user-agent') ?? '';
  return agent.includes(ownUserAgent) || agent.includes(POLLER_USER_AGENT);
}

function faultyService(route: Route): ApiCall['service'] | undefined {
  switch (route.service) {
    case 'dynamodb':
    case 'dynamodb-streams':
    case 'kinesis':
    case 'sqs':
    case 'cognito':
    case 'sns':
    case 's3':
    case 'lambda':
    case 'iot-data':
      return route.service;
    default:
      return undefined;
  }
}

/** What is asked. Bodies that stream, or whose reader is particular, are not looked into. */
async function readCall(
  service: ApiCall['service'],
  route: Route,
  request: IncomingMessage,
): Promise<{ call: ApiCall; replay: IncomingMessage }> {
  const url = unsigned(request.url ?? '/');
  const method = request.method ?? 'GET';
  if (service === 's3') {
    return { call: { service, operation: method, identity: url }, replay: request };
  }
  if (service === 'cognito') {
    return { call: { service, operation: operationOf(route), identity: url }, replay: request };
  }
  const body = await readBody(request, MAX_REQUEST_BYTES);
  const operation =
    service === 'sns'
      ? (new URLSearchParams(body.toString('utf8')).get('Action') ?? '')
      : operationOf(route, method, url);
  const identity = `${url} ${fingerprint(body)}`;
  return { call: { service, operation, identity }, replay: replayRequest(request, body) };
}

function operationOf(route: Route, method = 'POST', url = '/'): string {
  if ('operation' in route) return route.operation;
  if (route.service === 'iot-data')
    return isShadow(url) ? `${SHADOW_CALLS[method]}ThingShadow` : 'Publish';
  if (route.service === 'lambda' && /\/invocations\/?(\?|$)/.test(url)) return 'Invoke';
  return method;
}

const SHADOW_CALLS: Record<string, string> = { GET: 'Get', POST: 'Update', DELETE: 'Delete' };

function isShadow(url: string): boolean {
  return SHADOW_PATH.test(url.split('?')[0] ?? '');
}

/** Without what differs each time that the same request is signed. */
function unsigned(url: string): string {
  const [path = '/', query] = url.split('?');
  if (!query) return path;
  const kept = [...new URLSearchParams(query)].filter(([name]) => !/^x-amz-/i.test(name));
  return `${path}?${new URLSearchParams(kept)}`;
}
