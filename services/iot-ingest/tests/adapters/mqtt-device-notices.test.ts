import { IoTDataPlaneClient, type PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { describe, expect, it, vi } from 'vitest';
import { mqttDeviceNotices } from '../../src/adapters/mqtt-device-notices.ts';

const refusal = { code: 'device_id_invalid', message: 'no such id' } as const;

function notices() {
  const client = new IoTDataPlaneClient({ region: 'us-east-1' });
  const send = vi.spyOn(client, 'send').mockImplementation(async () => ({ $metadata: {} }));
  return { notices: mqttDeviceNotices(client), send };
}

describe('a notice to a device', () => {
  it('goes to the topic of its rejections', async () => {
    const { notices: port, send } = notices();
    await port.tellRejected('wheel-1', refusal);
    const command = send.mock.calls[0]?.[0] as PublishCommand;
    expect(command.input.topic).toBe('devices/wheel-1/telemetry/rejected');
  });

  it('is left out where no topic can be that long, instead of failing for ever', async () => {
    const { notices: port, send } = notices();
    await port.tellRejected('x'.repeat(235), refusal);
    expect(send).not.toHaveBeenCalled();
  });
});
