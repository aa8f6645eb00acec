import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  functionHandler,
  MetricUnit,
  metrics,
  readConfig,
  traceClient,
} from '@millrace/middleware';
import { dynamoPresenceStore } from '../adapters/dynamo-presence-store.ts';
import { readLifecycleEvent } from '../adapters/lifecycle-event.ts';
import { TrackPresenceConfig } from '../config.ts';
import { trackPresence } from '../domain/presence/presence.ts';

const config = readConfig(TrackPresenceConfig);
const store = dynamoPresenceStore(traceClient(new DynamoDBClient({})), config.DEVICES_TABLE);

export const handler = functionHandler(async (event: unknown) => {
  const outcome = await trackPresence(readLifecycleEvent(event), store);
  const counted = outcome === 'kept' ? 'PresenceKept' : 'PresenceIgnored';
  metrics.addMetric(counted, MetricUnit.Count, 1);
});
