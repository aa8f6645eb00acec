import { functionHandler, MetricUnit, metrics, TransientError } from '@millrace/middleware';
import { documentsOf, dynamoClient, iotClient, iotDataClient } from '../adapters/clients.ts';
import { dynamoDeviceStore } from '../adapters/dynamo-device-store.ts';
import { dynamoDeviceTasks } from '../adapters/dynamo-device-tasks.ts';
import { iotDeviceIdentities } from '../adapters/iot-device-identities.ts';
import { readTendDevicesConfig } from '../config.ts';
import { tendDueDevices } from '../domain/devices/tend-device.ts';

const config = readTendDevicesConfig();
const client = documentsOf(dynamoClient());
const ports = {
  devices: dynamoDeviceStore({ client, name: config.DEVICES_TABLE }),
  tasks: dynamoDeviceTasks({ client, name: config.DEVICE_TASKS_TABLE }),
  identities: iotDeviceIdentities(iotClient(), iotDataClient(), config.DEVICE_POLICY),
};
/** Of one device, milliseconds. */
const RESERVE_MS = 10_000;

export const handler = functionHandler(async (_event: unknown, { logger, remainingMs }) => {
  const hasTime = () => remainingMs() > RESERVE_MS;
  const { tended, failed } = await tendDueDevices(ports, { now: Date.now, hasTime });
  metrics.addMetric('DevicesTended', MetricUnit.Count, tended);
  for (const { deviceId, error } of failed) {
    logger.error('device_not_tended', {
      deviceId,
      error: error instanceof Error ? error : new Error(String(error)),
    });
  }
  if (failed.length > 0) {
    throw new TransientError(
      'devices_not_tended',
      `${failed.length} devices could not be looked after; they stay due and are tried again in a minute.`,
    );
  }
});
