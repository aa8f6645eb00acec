import { type IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { topics } from '@millrace/types';
import type { DeviceNotices } from '../domain/ports.ts';

/** https://docs.aws.amazon.com/general/latest/gr/iot-core.html#message-broker-limits */
const MAX_TOPIC_BYTES = 256;

/** Publishes on the device's own topic, where it (and nobody else) may listen. */
export function mqttDeviceNotices(client: IoTDataPlaneClient): DeviceNotices {
  return {
    async tellRejected(deviceId, { code, message, time, retryAfterSeconds }) {
      const topic = topics.telemetryRejected(deviceId);
      // No device can listen there: a name that long leaves no room for the answer's topic.
      if (Buffer.byteLength(topic) > MAX_TOPIC_BYTES) return;
      await client.send(
        new PublishCommand({
          topic,
          qos: 1,
          payload: Buffer.from(JSON.stringify({ code, message, time, retryAfterSeconds })),
        }),
      );
    },
  };
}
