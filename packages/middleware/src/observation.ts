import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import { errorCode } from './errors.ts';
import { eventIdsOf } from './event-ids.ts';
import { logger } from './logging.ts';
import { MetricUnit, metrics } from './metrics.ts';

/** Milliseconds on the monotonic clock at which the invocation began. */
interface Began extends Record<string, unknown> {
  beganAt: number;
}

let cold = true;

/** Logs and counts one invocation; changes neither its result nor its error. */
export function observation<E, R>(): MiddlewareObj<E, R, Error, Context, Began> {
  return {
    name: 'observation',
    before: ({ event, context, internal }) => {
      internal.beganAt = performance.now();
      logger.addContext(context);
      logger.appendKeys({ event_ids: eventIdsOf(event) });
    },
    after: ({ context, internal }) => {
      finish(context.functionName, 'Succeeded', internal);
    },
    onError: ({ error, context, internal }) => {
      logger.error('invocation failed', { code: errorCode(error), ...(error && { error }) });
      finish(context.functionName, 'Failed', internal);
    },
  };
}

function finish(functionName: string, outcome: 'Succeeded' | 'Failed', { beganAt }: Began): void {
  metrics.addDimension('function', functionName);
  metrics.addMetric('Duration', MetricUnit.Milliseconds, performance.now() - beganAt);
  metrics.addMetric(outcome, MetricUnit.Count, 1);
  if (cold) metrics.addMetric('ColdStart', MetricUnit.Count, 1);
  cold = false;
  metrics.publishStoredMetrics();
  logger.resetKeys();
}
