import { dynamoDeadLetters, kinesisHandler, MetricUnit, metrics } from '@millrace/middleware';
import { dynamoCountStore } from '../adapters/dynamo-count-store.ts';
import { boundedDynamoDb } from '../adapters/dynamodb-client.ts';
import { invocationPacing } from '../adapters/pacing.ts';
import { readCountingConfig } from '../config.ts';
import { countRecords } from '../domain/counting/count-records.ts';
import { parseJson, readEvent } from '../domain/incoming-event.ts';

const { METRICS_TABLE, EVENT_IDS_TABLE, DEAD_LETTERS_TABLE } = readCountingConfig();
const client = boundedDynamoDb();
const store = dynamoCountStore({
  client,
  metricsTable: METRICS_TABLE,
  eventIdsTable: EVENT_IDS_TABLE,
});

/** Stream `events` → exact counts and sums per minute in the table `metrics`. */
export const handler = kinesisHandler({
  deadLetters: dynamoDeadLetters({ client, table: DEAD_LETTERS_TABLE }),
  decode: (data) => readEvent(parseJson(data)),
  processBatch: async (records, invocation, putAside) => {
    const pacing = invocationPacing(() => invocation.remainingMs());
    const { counted, duplicates } = await countRecords(records, { store, pacing, putAside });
    metrics.addMetric('EventsCounted', MetricUnit.Count, counted);
    metrics.addMetric('DuplicatesDropped', MetricUnit.Count, duplicates);
  },
});
