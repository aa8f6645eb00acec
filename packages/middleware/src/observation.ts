import type { MiddlewareObj } from '@middy/core';
import { errorCode } from './errors.ts';
import { eventIdsOf } from './event-ids.ts';
import { logger } from './logging.ts';
import { MetricUnit, metrics } from './metrics.ts';

let cold = true;

/** Logs and counts one invocation; changes neither its result nor its error. */
export function observation<E, R>(): MiddlewareObj<E, R> {
  let startedAt = 0;

  const finish = (functionName: string, outcome: 'Succeeded' | 'Failed') => {
    metrics.addDimension('function', functionName);
    metrics.addMetric('Duration', MetricUnit.Milliseconds, performance.now() - startedAt);
    metrics.addMetric(outcome, MetricUnit.Count, 1);
    if (cold) metrics.addMetric('ColdStart', MetricUnit.Count, 1);
    cold = false;
    metrics.publishStoredMetrics();
    logger.resetKeys();
  };

  return {
    name: 'observation',
    before: ({ event, context }) => {
      startedAt = performance.now();
      logger.addContext(context);
      logger.appendKeys({ event_ids: eventIdsOf(event) });
    },
    after: ({ context }) => {
      logger.debug('invocation succeeded', { duration_ms: performance.now() - startedAt });
      finish(context.functionName, 'Succeeded');
    },
    onError: ({ error, context }) => {
      logger.error('invocation failed', { code: errorCode(error), ...(error && { error }) });
      finish(context.functionName, 'Failed');
    },
  };
}
