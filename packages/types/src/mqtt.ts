import * as z from 'zod/mini';
import { Metrics, Usage } from './events/data.ts';
import { EventTime } from './events/event-time.ts';

/** What a device publishes on `devices/{deviceId}/telemetry`. */
export const TelemetryMessage = z.object({
  time: EventTime,
  metrics: Metrics,
  usage: z.optional(Usage),
});
export type TelemetryMessage = z.infer<typeof TelemetryMessage>;

export const topics = {
  telemetry: (deviceId: string) => `devices/${deviceId}/telemetry`,
  /** Where a device reads why a reading of its was not taken: a `Rejection`. */
  telemetryRejected: (deviceId: string) => `devices/${deviceId}/telemetry/rejected`,
  /** Where a device reads what it is to do: a `CommandMessage`. */
  commands: (deviceId: string) => `devices/${deviceId}/commands`,
  /** Where it says what became of it: a `CommandResultMessage`. */
  commandResult: (deviceId: string, commandId: string) =>
    `devices/${deviceId}/commands/${commandId}/result`,
} as const;

/** What a device is to do. It may come twice: the same `commandId` is the same command. */
export const CommandMessage = z.object({
  commandId: z.string(),
  name: z.string(),
  payload: z.optional(z.unknown()),
  /** After it nobody waits for the result. */
  timeoutAt: z.string(),
});
export type CommandMessage = z.infer<typeof CommandMessage>;

/** What became of a command. */
export const CommandResultMessage = z.object({
  outcome: z.enum(['succeeded', 'failed']),
  payload: z.optional(z.unknown()),
});

/** Sent to the device for a reading that will not be processed. */
export const Rejection = z.object({
  code: z.string(),
  message: z.string(),
  /** The `time` of the refused reading, where it could be read. */
  time: z.optional(z.string()),
  /** Seconds after which the same reading may be taken; absent where sending it again will not help. */
  retryAfterSeconds: z.optional(z.int()),
});
export type Rejection = z.infer<typeof Rejection>;
