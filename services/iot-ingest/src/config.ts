import * as z from 'zod/mini';

const name = z.string().check(z.minLength(1));

/** Environment of `recordResult`. */
export const RecordResultConfig = z.object({
  COMMANDS_TABLE: name,
  DEAD_LETTERS_TABLE: name,
  QUOTAS_TABLE: name,
});

/** Environment of `approveDevice`. */
export const ApproveDeviceConfig = z.object({
  DEVICES_TABLE: name,
  DEAD_LETTERS_TABLE: name,
  QUOTAS_TABLE: name,
});

/** Environment of `trackPresence`. */
export const TrackPresenceConfig = z.object({ DEVICES_TABLE: name });

/** Environment of `ingestReading`. */
export const IngestReadingConfig = z.object({
  DEVICES_TABLE: name,
  DEAD_LETTERS_TABLE: name,
  QUOTAS_TABLE: name,
  EVENTS_STREAM: name,
  /** How long a registered device is believed to be so, milliseconds. A device that is disabled is heard that much longer. */
  REGISTRY_TTL_MS: z._default(z.coerce.number().check(z.int(), z.gte(0)), 5_000),
});
