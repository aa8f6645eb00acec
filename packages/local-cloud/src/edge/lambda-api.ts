import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  AsyncInvocations,
  FunctionDefinition,
  FunctionInvoker,
  InvokeResult,
  MappingStatus,
} from '../ports.ts';
import { mappingUuid } from '../triggers/mapping-uuid.ts';
import { type AwsError, notOffered, sendAwsError } from './aws-error.ts';
import { BodyTooLargeError, header, readBody, send, sendJson } from './message.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_SYNC_BYTES = 6 * 1024 * 1024;
const MAX_ASYNC_BYTES = 1024 * 1024;

export interface LambdaApiOptions {
  readonly region: string;
  readonly accountId: string;
  readonly functions: {
    get(name: string): FunctionDefinition | undefined;
    list(): readonly FunctionDefinition[];
  };
  readonly invoker: FunctionInvoker;
  readonly async: AsyncInvocations;
  readonly mappings: () => readonly MappingStatus[];
}

/** The part of Lambda's REST API that clients of running functions use: Invoke and the lists. */
export async function handleLambda(
  options: LambdaApiOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = '/'] = (request.url ?? '/').split('?');
  const [, , collection, reference, action] = path.split('/');
  const method = request.method ?? 'GET';
  if (collection === 'event-source-mappings' && method === 'GET' && !reference) {
    const mappings = options.mappings().map((mapping) => eventSourceMapping(options, mapping));
    sendJson(response, 200, { EventSourceMappings: mappings });
  } else if (collection === 'functions' && method === 'GET' && !reference) {
    const functions = options.functions.list().map((one) => configuration(options, one));
    sendJson(response, 200, { Functions: functions });
  } else if (collection === 'functions' && reference) {
    await handleFunction(options, method, reference, action, request, response);
  } else {
    sendAwsError(response, 'rest-json', notOffered(`Lambda ${method} ${path}`));
  }
}

async function handleFunction(
  options: LambdaApiOptions,
  method: string,
  reference: string,
  action: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const name = functionName(decodeURIComponent(reference));
  const definition = options.functions.get(name);
  if (!definition) {
    sendAwsError(response, 'rest-json', {
      code: 'ResourceNotFoundException',
      message: `Function not found: ${functionArn(options, name)}`,
      status: 404,
    });
  } else if (method === 'POST' && action === 'invocations') {
    await invoke(options, definition, request, response);
  } else if (method === 'GET' && action === undefined) {
    const tags = { Configuration: configuration(options, definition), Tags: {} };
    sendJson(response, 200, { ...tags, Code: { RepositoryType: 'Local' } });
  } else if (method === 'GET' && action === 'configuration') {
    sendJson(response, 200, configuration(options, definition));
  } else {
    sendAwsError(response, 'rest-json', notOffered(`Lambda ${method} ${action ?? 'function'}`));
  }
}

async function invoke(
  options: LambdaApiOptions,
  definition: FunctionDefinition,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const type = header(request, 'x-amz-invocation-type') ?? 'RequestResponse';
  const limit = type === 'Event' ? MAX_ASYNC_BYTES : MAX_SYNC_BYTES;
  const payload = (await readPayload(request, limit)) ?? '';
  const problem = payloadProblem(payload, limit);
  if (problem) sendAwsError(response, 'rest-json', problem);
  else if (type === 'DryRun') send(response, 204, {}, '');
  else if (type === 'Event') {
    const { requestId } = options.async.enqueue(definition.name, payload);
    send(response, 202, { 'x-amzn-requestid': requestId }, '');
  } else if (type === 'RequestResponse') {
    answer(response, definition, await options.invoker.invoke(definition.name, payload));
  } else {
    const message = `Unsupported invocation type ${type}`;
    sendAwsError(response, 'rest-json', {
      code: 'InvalidParameterValueException',
      message,
      status: 400,
    });
  }
}

/** The event as text, `{}` when there is none; undefined when it is larger than `limit` bytes. */
async function readPayload(request: IncomingMessage, limit: number): Promise<string | undefined> {
  try {
    return (await readBody(request, limit)).toString('utf8') || '{}';
  } catch (error) {
    if (error instanceof BodyTooLargeError) return undefined;
    throw error;
  }
}

function payloadProblem(payload: string, limit: number): AwsError | undefined {
  if (payload === '') {
    const message = `Request must be smaller than ${limit} bytes for the InvokeFunction operation`;
    return { code: 'RequestTooLargeException', message, status: 413 };
  }
  try {
    JSON.parse(payload);
    return undefined;
  } catch (error) {
    const message = `Could not parse request body into json: ${(error as Error).message}`;
    return { code: 'InvalidRequestContentException', message, status: 400 };
  }
}

function answer(
  response: ServerResponse,
  definition: FunctionDefinition,
  result: InvokeResult,
): void {
  if (result.kind === 'throttled') {
    sendAwsError(response, 'rest-json', {
      code: 'TooManyRequestsException',
      message: 'Rate Exceeded.',
      status: 429,
    });
  } else if (result.kind === 'unavailable') {
    sendAwsError(response, 'rest-json', {
      code: 'ServiceException',
      message: `${definition.name} cannot be reached: its service ${definition.service} is not running.`,
      status: 503,
    });
  } else {
    const failed = result.kind === 'function-error';
    const headers = {
      'content-type': 'application/json',
      'x-amzn-requestid': result.requestId,
      'x-amz-executed-version': '$LATEST',
      ...(failed && { 'x-amz-function-error': 'Unhandled' }),
    };
    send(response, 200, headers, JSON.stringify(result.payload ?? null));
  }
}

function configuration(options: LambdaApiOptions, definition: FunctionDefinition) {
  return {
    FunctionName: definition.name,
    FunctionArn: functionArn(options, definition.name),
    Runtime: 'nodejs24.x',
    Timeout: definition.timeoutSeconds,
    MemorySize: definition.memoryMb,
    PackageType: 'Zip',
    Version: '$LATEST',
    State: 'Active',
  };
}

function eventSourceMapping(options: LambdaApiOptions, mapping: MappingStatus) {
  return {
    UUID: mappingUuid(mapping.id),
    FunctionArn: functionArn(options, mapping.functionName),
    EventSourceArn: mapping.source,
    State: mapping.state === 'disabled' || mapping.state === 'stopped' ? 'Disabled' : 'Enabled',
    LastProcessingResult: mapping.lastError ? `PROBLEM: ${mapping.lastError}` : 'OK',
  };
}

function functionArn(options: LambdaApiOptions, name: string): string {
  return `arn:aws:lambda:${options.region}:${options.accountId}:function:${name}`;
}

/** `name`, `name:qualifier`, `account:function:name` and full ARNs, as Lambda takes them. */
function functionName(reference: string): string {
  const match = /(?:^|:)function:([^:]+)/.exec(reference);
  return match?.[1] ?? reference.split(':')[0] ?? reference;
}
