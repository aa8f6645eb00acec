import { createHash } from 'node:crypto';
import type { TelemetryMessage } from '@millrace/types';
import type { RegisteredDevice, TelemetryEvent } from './ports.ts';

/**
 * The event that a reading is. Its id depends on the device and on what it said, so that an MQTT
 * redelivery and a retried invocation are the same event, which the stream's consumers count once.
 * Hence: two readings with the same time and the same values are one reading.
 */
export function readingEvent(device: RegisteredDevice, reading: TelemetryMessage): TelemetryEvent {
  const { time, metrics, usage } = reading;
  return {
    specversion: '1.0',
    id: createHash('sha256')
      .update(`${device.deviceId}\n${canonical(reading)}`)
      .digest('hex'),
    source: `millrace/devices/${device.deviceId}`,
    type: 'millrace.telemetry.v1',
    time,
    subject: device.deviceId,
    datacontenttype: 'application/json',
    tenant: device.tenant,
    data: { deviceId: device.deviceId, metrics, ...(usage && { usage }) },
  };
}

/** JSON with sorted names: a sender may write the same reading with its names in another order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
