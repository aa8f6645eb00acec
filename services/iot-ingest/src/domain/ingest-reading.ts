import { DeviceId, isWithinHorizon, validate } from '@millrace/types';
import type { DeviceMessage } from './device-message.ts';
import type { DeviceNotices, DeviceRegistry, EventStream, RefusedMessages } from './ports.ts';
import { readReading } from './read-reading.ts';
import { readingEvent } from './reading-event.ts';
import { REFUSALS, type Refusal, type RefusalCode } from './refusal.ts';

export interface IngestPorts {
  readonly registry: DeviceRegistry;
  readonly stream: EventStream;
  readonly refused: RefusedMessages;
  readonly notices: DeviceNotices;
}

/**
 * Takes one message of a device: a reading of a registered device becomes an event on the stream;
 * anything else is kept for operators and its sender told why. Safe to repeat at any point: the
 * event has the same id, the refusal is kept once.
 *
 * @throws whatever a port cannot do now; the invocation is then retried.
 */
export async function ingestReading(
  message: DeviceMessage,
  ports: IngestPorts,
): Promise<'accepted' | 'rejected'> {
  const checked = await check(message, ports.registry);
  if ('refusal' in checked) {
    // Kept first: a sender that was told nothing will ask, a refusal that was not kept is lost.
    await ports.refused.keepOnce(message, checked.refusal);
    await ports.notices.tellRejected(message.deviceId, checked.refusal);
    return 'rejected';
  }
  await ports.stream.put(readingEvent(checked.device, checked.reading));
  return 'accepted';
}

async function check(message: DeviceMessage, registry: DeviceRegistry) {
  const { deviceId, clientId, payload } = message;
  if (!validate(DeviceId, deviceId).ok) return refuse('device_id_invalid');
  if (clientId !== undefined && clientId !== deviceId) return refuse('device_mismatch');
  const read = readReading(payload);
  if ('refusal' in read) return read;
  const { reading } = read;
  if (!isWithinHorizon(reading.time, message.receivedAt)) {
    return refuse('time_out_of_range', reading.time);
  }
  const device = await registry.find(deviceId);
  if (device === undefined) return refuse('device_unknown', reading.time);
  if (device.status !== 'active') return refuse('device_disabled', reading.time);
  return { device, reading };
}

function refuse(code: RefusalCode, time?: string): { readonly refusal: Refusal } {
  return { refusal: { code, message: REFUSALS[code], ...(time !== undefined && { time }) } };
}
