import { type IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { topics } from '@millrace/types';
import type { CommandTopic } from '../domain/commands/ports.ts';

/** The topic on which a device, and nobody else, hears its commands. */
export function mqttCommandTopic(client: IoTDataPlaneClient): CommandTopic {
  return {
    async send(deviceId, message) {
      await client.send(
        new PublishCommand({
          topic: topics.commands(deviceId),
          qos: 1,
          payload: Buffer.from(JSON.stringify(message)),
        }),
      );
    },
  };
}
