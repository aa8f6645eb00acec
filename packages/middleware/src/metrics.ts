import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

export { MetricUnit };

/** CloudWatch namespace of all our metrics; alarms in `resources/alarms.yml` name it. */
export const METRICS_NAMESPACE = 'Millrace';

/**
 * Counts in CloudWatch's embedded metric format: a log line, no call. `functionHandler` flushes
 * them once per invocation, with the dimensions `service` and `function`.
 */
export const metrics = new Metrics({ namespace: METRICS_NAMESPACE });
