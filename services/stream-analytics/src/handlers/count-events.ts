import { dynamoDeadLetters, kinesisHandler, MetricUnit, metrics } from '@millrace/middleware';
import { dynamoAnalyticsStore } from '../adapters/dynamo-analytics-store.ts';
import { boundedDynamoDb } from '../adapters/dynamodb-client.ts';
import { invocationPacing } from '../adapters/pacing.ts';
import { readCountingConfig } from '../config.ts';
import { processBatch } from '../domain/engine/process-batch.ts';
import { SeenEvents } from '../domain/engine/seen-events.ts';
import { parseJson, readEvent } from '../domain/incoming-event.ts';
import { ALERT_RULES } from '../pipelines/alerts/alert-rules.ts';
import { notingSeries } from '../pipelines/alerts/watched-series.ts';
import { PIPELINES } from '../pipelines/index.ts';

const config = readCountingConfig();
const client = boundedDynamoDb();
const tables = dynamoAnalyticsStore({
  client,
  metricsTable: config.METRICS_TABLE,
  statesTable: config.STATES_TABLE,
  seenEventsTable: config.SEEN_EVENTS_TABLE,
});
const store = notingSeries(tables, ALERT_RULES);
const pipelines = PIPELINES.map((pipeline) => ({ pipeline, seen: new SeenEvents(store) }));

/** Stream `events` → metrics per window, and what is known of visitors, users and devices. */
export const handler = kinesisHandler({
  deadLetters: dynamoDeadLetters({ client, table: config.DEAD_LETTERS_TABLE }),
  decode: (data) => readEvent(parseJson(data)),
  processBatch: async (records, invocation, putAside) => {
    const pacing = invocationPacing(() => invocation.remainingMs());
    const counts = await processBatch(records, { pipelines, store, pacing, putAside });
    metrics.addMetric('EventsCounted', MetricUnit.Count, counts.processed);
    metrics.addMetric('DuplicatesDropped', MetricUnit.Count, counts.duplicates);
  },
});
