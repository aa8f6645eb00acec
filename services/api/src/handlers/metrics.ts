import { cognitoTokens, createHttpHandler } from '@millrace/middleware/http';
import { dynamoClient } from '../adapters/clients.ts';
import { dynamoMetricStore } from '../adapters/dynamo-metric-store.ts';
import { readMetricsConfig, userPoolOf } from '../config.ts';
import { metricOperations } from '../operations/metrics.ts';

const config = readMetricsConfig();

export const handler = createHttpHandler({
  verifyToken: cognitoTokens(userPoolOf(config)),
  operations: metricOperations({
    metrics: dynamoMetricStore(dynamoClient(), config.METRICS_TABLE),
  }),
});
