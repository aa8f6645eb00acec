import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Invocation } from './invocation.ts';
import { logger } from './logging.ts';
import { observation } from './observation.ts';

/** What Lambda calls. */
export type LambdaFunction<E, R> = (event: E, context: Context) => Promise<R>;

/**
 * Wraps a function: request id, event ids and cold start in every log line, duration and outcome as
 * metrics, an error logged once with its code and thrown on, so that Lambda retries it or hands it
 * to the on-failure destination.
 */
export function functionHandler<E, R>(
  run: (event: E, invocation: Invocation) => Promise<R>,
): LambdaFunction<E, R> {
  return middy<E, R>((event: E, context: Context) => run(event, invocationOf(context))).use(
    observation<E, R>(),
  );
}

function invocationOf(context: Context): Invocation {
  return {
    requestId: context.awsRequestId,
    functionName: context.functionName,
    logger,
    remainingMs: () => context.getRemainingTimeInMillis(),
  };
}
