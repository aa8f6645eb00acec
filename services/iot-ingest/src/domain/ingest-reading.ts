import { DEFAULT_DEVICE_QUOTA, DeviceId, isWithinHorizon, validate } from '@millrace/types';
import type { DeviceMessage } from './device-message.ts';
import type {
  DeviceNotices,
  DeviceRegistry,
  EventStream,
  RefusedMessages,
  RegisteredDevice,
} from './ports.ts';
import type { DeviceQuotas } from './quota/device-quotas.ts';
import { readReading } from './read-reading.ts';
import { readingEvent } from './reading-event.ts';
import { REFUSALS, type Refusal, type RefusalCode } from './refusal.ts';

export interface IngestPorts {
  readonly registry: DeviceRegistry;
  readonly quotas: DeviceQuotas;
  readonly stream: EventStream;
  readonly refused: RefusedMessages;
  readonly notices: DeviceNotices;
}

/** `over_quota`: refused as well, but counted only. */
export type IngestOutcome = 'accepted' | 'rejected' | 'over_quota';

/**
 * Takes one message of a device: a reading of a registered device becomes an event on the stream;
 * anything else is kept for operators and its sender told why. Whatever a sender sends counts
 * against its quota; what is above it is not kept, because a flood would fill the dead letters, but
 * its sender is told of each message and has it still. Safe to repeat at any point: the event has
 * the same id, the refusal is kept once.
 *
 * @throws whatever a port cannot do now; the invocation is then retried.
 */
export async function ingestReading(
  message: DeviceMessage,
  ports: IngestPorts,
): Promise<IngestOutcome> {
  const sender = await identify(message, ports.registry);
  const quota = await ports.quotas.take(
    // Who floods pays: another device's topic is not the sender's.
    message.clientId ?? message.deviceId,
    message.receivedAt,
    ('device' in sender && sender.device.quota) || DEFAULT_DEVICE_QUOTA,
  );
  if (!quota.isTaken) {
    await ports.notices.tellRejected(message.deviceId, {
      ...refusalOf('quota_exceeded', readReading(message.payload).time),
      retryAfterSeconds: quota.retryAfterSeconds,
    });
    return 'over_quota';
  }
  try {
    return await takeIn(message, sender, ports);
  } catch (error) {
    // The message comes again and is counted then; that we cannot take it now is not its fault.
    quota.giveBack();
    throw error;
  }
}

async function takeIn(
  message: DeviceMessage,
  sender: Sender,
  ports: IngestPorts,
): Promise<'accepted' | 'rejected'> {
  const checked = check(message, sender);
  if ('refusal' in checked) {
    // Kept first: a sender that was told nothing will ask, a refusal that was not kept is lost.
    await ports.refused.keepOnce(message, checked.refusal);
    await ports.notices.tellRejected(message.deviceId, checked.refusal);
    return 'rejected';
  }
  await ports.stream.put(readingEvent(checked.device, checked.reading));
  return 'accepted';
}

type Sender = { readonly device: RegisteredDevice } | { readonly code: RefusalCode };

async function identify(message: DeviceMessage, registry: DeviceRegistry): Promise<Sender> {
  const { deviceId, clientId } = message;
  if (!validate(DeviceId, deviceId).ok) return { code: 'device_id_invalid' };
  if (clientId !== undefined && clientId !== deviceId) return { code: 'device_mismatch' };
  const device = await registry.find(deviceId);
  return device ? { device } : { code: 'device_unknown' };
}

function check({ payload, receivedAt }: DeviceMessage, sender: Sender) {
  const read = readReading(payload);
  if ('code' in sender) return { refusal: refusalOf(sender.code, read.time) };
  if (sender.device.status !== 'active')
    return { refusal: refusalOf('device_disabled', read.time) };
  if ('refusal' in read) return read;
  if (!isWithinHorizon(read.time, receivedAt)) {
    return { refusal: refusalOf('time_out_of_range', read.time) };
  }
  return { device: sender.device, reading: read.reading };
}

function refusalOf(code: RefusalCode, time: string | undefined): Refusal {
  return { code, message: REFUSALS[code], ...(time !== undefined && { time }) };
}
