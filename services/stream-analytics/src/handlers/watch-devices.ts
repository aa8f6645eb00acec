import { functionHandler, MetricUnit, metrics } from '@millrace/middleware';
import type { DeviceAlert } from '@millrace/types';
import { dynamoWatchStore } from '../adapters/dynamo-watch-store.ts';
import { boundedDynamoDb, RESERVED_MS } from '../adapters/dynamodb-client.ts';
import { snsAlerts } from '../adapters/sns-alerts.ts';
import { readWatchConfig } from '../config.ts';
import { watchDevices } from '../pipelines/telemetry/watch-devices.ts';

const { STATES_TABLE, ALERTS_TOPIC_ARN } = readWatchConfig();
const store = dynamoWatchStore({ client: boundedDynamoDb(), table: STATES_TABLE });
const tell = snsAlerts<DeviceAlert>(ALERTS_TOPIC_ARN, ({ id, type, tenant, deviceId }) => {
  return { id, type, tenant, deviceId };
});

/** Each minute: devices that have fallen silent, and who is back → alerts to the topic `alerts`. */
export const handler = functionHandler(async (_: unknown, { remainingMs }) => {
  const hasTimeLeft = () => remainingMs() > RESERVED_MS;
  const { looked, offline, told } = await watchDevices({ store, tell, now: Date.now, hasTimeLeft });
  metrics.addMetric('DevicesLookedAfter', MetricUnit.Count, looked);
  metrics.addMetric('DevicesGoneOffline', MetricUnit.Count, offline);
  metrics.addMetric('AlertsTold', MetricUnit.Count, told);
});
