import { type IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { topics } from '@millrace/types';
import type { DeviceNotices } from '../domain/ports.ts';

/** Publishes on the device's own topic, where it (and nobody else) may listen. */
export function mqttDeviceNotices(client: IoTDataPlaneClient): DeviceNotices {
  return {
    async tellRejected(deviceId, { code, message, time }) {
      await client.send(
        new PublishCommand({
          topic: topics.telemetryRejected(deviceId),
          qos: 1,
          payload: Buffer.from(JSON.stringify({ code, message, time })),
        }),
      );
    },
  };
}
