import { randomBytes } from 'node:crypto';
import type {
  HandlerExecutionContext,
  InitializeHandler,
  InitializeHandlerArguments,
  InitializeHandlerOutput,
  MetadataBearer,
  MiddlewareStack,
} from '@smithy/types';
import { type Subsegment, sendSubsegment, traceParent } from './xray.ts';

/** Any client of the AWS SDK v3. */
export interface TraceableClient<Input extends object, Output extends MetadataBearer> {
  readonly middlewareStack: MiddlewareStack<Input, Output>;
}

/**
 * Shows every call of an AWS client as a subsegment of the invocation's X-Ray trace: service,
 * operation, duration over all attempts, request id, retries and whether it failed or was throttled.
 * Does nothing where the invocation is not sampled. Returns the client.
 */
export function traceClient<
  Input extends object,
  Output extends MetadataBearer,
  C extends TraceableClient<Input, Output>,
>(client: C & TraceableClient<Input, Output>): C {
  client.middlewareStack.add(
    (next, context) => async (args) => await tracedCall(next, context, args),
    // Before serialization, outside of the retries.
    { step: 'initialize', name: 'traceClient', override: true },
  );
  return client;
}

async function tracedCall<Input extends object, Output extends MetadataBearer>(
  next: InitializeHandler<Input, Output>,
  context: HandlerExecutionContext,
  args: InitializeHandlerArguments<Input>,
): Promise<InitializeHandlerOutput<Output>> {
  const parent = traceParent();
  if (!parent) return await next(args);
  const startedAt = Date.now();
  const told = (metadata: unknown, failure?: FailureFlags) =>
    sendSubsegment(parent, {
      name: String(context.clientName ?? 'AWS').replace(/Client$/, ''),
      id: randomBytes(8).toString('hex'),
      start_time: startedAt / 1000,
      end_time: Date.now() / 1000,
      namespace: 'aws',
      ...callOf(String(context.commandName ?? ''), metadata),
      ...failure,
    });
  try {
    const result = await next(args);
    told(result.output.$metadata);
    return result;
  } catch (error) {
    told(metadataOf(error), failureOf(error));
    throw error;
  }
}

type FailureFlags = Pick<Subsegment, 'error' | 'fault' | 'throttle'>;

function callOf(commandName: string, metadata: unknown): Pick<Subsegment, 'aws' | 'http'> {
  const { requestId, attempts, httpStatusCode } = numbersAndTexts(metadata);
  return {
    aws: {
      operation: commandName.replace(/Command$/, ''),
      ...(typeof requestId === 'string' && { request_id: requestId }),
      ...(typeof attempts === 'number' && { retries: attempts - 1 }),
    },
    ...(typeof httpStatusCode === 'number' && { http: { response: { status: httpStatusCode } } }),
  };
}

function failureOf(error: unknown): FailureFlags {
  const { httpStatusCode } = numbersAndTexts(metadataOf(error));
  const throttled =
    httpStatusCode === 429 || (error instanceof Error && /Throttl|Throughput/.test(error.name));
  if (throttled) return { error: true, throttle: true };
  return typeof httpStatusCode === 'number' && httpStatusCode < 500
    ? { error: true }
    : { fault: true };
}

function metadataOf(error: unknown): unknown {
  return error instanceof Error && '$metadata' in error ? error.$metadata : undefined;
}

function numbersAndTexts(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
