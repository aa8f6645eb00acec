import type { DeviceQuota, EventOf, Rejection } from '@millrace/types';
import type { DeviceMessage } from './device-message.ts';
import type { Refusal } from './refusal.ts';

export interface RegisteredDevice {
  readonly deviceId: string;
  readonly tenant: string;
  readonly status: 'active' | 'disabled';
  /** The default where nothing is said. */
  readonly quota?: DeviceQuota;
}

export interface DeviceRegistry {
  find(deviceId: string): Promise<RegisteredDevice | undefined>;
}

export type TelemetryEvent = EventOf<'millrace.telemetry.v1'>;

export interface EventStream {
  /** Resolves when the stream has the event; rejects with a TransientError when it will not take it now. */
  put(event: TelemetryEvent): Promise<void>;
}

export interface RefusedMessages {
  /** Keeps the message and the reason for operators; idempotent. */
  keepOnce(message: DeviceMessage, refusal: Refusal): Promise<void>;
}

export interface DeviceNotices {
  /** Tells the sender; it may be told more than once. */
  tellRejected(deviceId: string, rejection: Rejection): Promise<void>;
}
