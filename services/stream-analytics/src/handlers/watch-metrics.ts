import { functionHandler, MetricUnit, metrics } from '@millrace/middleware';
import type { MetricAlert } from '@millrace/types';
import { dynamoAlertMemory } from '../adapters/dynamo-alert-memory.ts';
import { boundedDynamoDb, RESERVED_MS } from '../adapters/dynamodb-client.ts';
import { snsAlerts } from '../adapters/sns-alerts.ts';
import { readMetricWatchConfig } from '../config.ts';
import { ALERT_RULES } from '../pipelines/alerts/alert-rules.ts';
import { watchMetrics } from '../pipelines/alerts/watch-metrics.ts';

const config = readMetricWatchConfig();
const store = dynamoAlertMemory({
  client: boundedDynamoDb(),
  statesTable: config.STATES_TABLE,
  metricsTable: config.METRICS_TABLE,
});
const tell = snsAlerts<MetricAlert>(
  config.ALERTS_TOPIC_ARN,
  ({ id, type, tenant, rule, severity }) => ({ id, type, tenant, rule, severity }),
);

/** Each minute: windows that have settled, by every rule of `ALERT_RULES` → alerts to the topic `alerts`. */
export const handler = functionHandler(async (_: unknown, { logger, remainingMs }) => {
  const { judged, raised, told } = await watchMetrics({
    rules: ALERT_RULES,
    store,
    tell,
    report: ({ cause, ...notJudged }) => {
      logger.error('not_judged', { ...notJudged, ...(cause instanceof Error && { error: cause }) });
      metrics.addMetric('NotJudged', MetricUnit.Count, notJudged.times);
    },
    now: Date.now,
    hasTimeLeft: () => remainingMs() > RESERVED_MS,
  });
  metrics.addMetric('WindowsJudged', MetricUnit.Count, judged);
  metrics.addMetric('MetricAlertsRaised', MetricUnit.Count, raised);
  metrics.addMetric('AlertsTold', MetricUnit.Count, told);
});
