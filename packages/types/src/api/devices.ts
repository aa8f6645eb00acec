import * as z from 'zod/mini';
import { DeviceId } from '../events/data.ts';

const DeviceName = z.string().check(z.minLength(1), z.maxLength(128));
/** IoT Core takes a hundred messages a second of one connection: more cannot come. */
const messages = z.int().check(z.gte(0), z.lte(6_000));
const Quota = z.object({
  /** On average of ten minutes. */
  perMinute: messages,
  /** In any one minute. */
  burst: messages,
});

export const DeviceRequest = z.object({
  deviceId: DeviceId,
  name: z.optional(DeviceName),
});

/** What is absent stays; `null` takes it away: the device has no name then, and the default quota. */
export const DeviceChange = z.object({
  name: z.optional(z.nullable(DeviceName)),
  quota: z.optional(z.nullable(Quota)),
});
export type DeviceChange = z.infer<typeof DeviceChange>;

export const DeviceResource = z.object({
  deviceId: z.string(),
  name: z.optional(z.string()),
  status: z.enum(['active', 'disabled']),
  quota: Quota,
  /** Certificates with which it may connect while it is active. */
  credentials: z.array(
    z.object({
      certificateId: z.string(),
      createdAt: z.string(),
      retiresAt: z.optional(z.string()),
    }),
  ),
  /** Whether it may fetch a certificate of its own; absent where nobody has said so. */
  claim: z.optional(
    z.object({
      state: z.enum(['open', 'used']),
      openedAt: z.string(),
      /** The one that it was used for. */
      certificateId: z.optional(z.string()),
      claimedAt: z.optional(z.string()),
    }),
  ),
  /** Absent until it has connected. */
  presence: z.optional(
    z.object({ connected: z.boolean(), since: z.string(), reason: z.optional(z.string()) }),
  ),
  createdAt: z.string(),
  updatedAt: z.string(),
  topics: z.object({ telemetry: z.string(), rejected: z.string() }),
});
export type DeviceResource = z.infer<typeof DeviceResource>;
export const DeviceList = z.object({
  items: z.array(DeviceResource),
  cursor: z.optional(z.string()),
});

/** Seconds for which the certificates before it go on being good; 0 takes them away at once. */
const graceSeconds = z._default(z.int().check(z.gte(0), z.lte(30 * 86_400)), 86_400);
export const CredentialsRequest = z.object({ graceSeconds });

export const ClaimRequest = z.object({
  graceSeconds,
  /** What the device must say beside its serial number: a secret that came with it. */
  code: z.optional(z.string().check(z.minLength(8), z.maxLength(128))),
});
export type ClaimRequest = z.infer<typeof ClaimRequest>;

/** Shown this once: the private key is kept nowhere. */
export const DeviceCredentials = z.object({
  deviceId: z.string(),
  certificateId: z.string(),
  certificatePem: z.string(),
  privateKey: z.string(),
  /** The certificates before it, with the time when they are taken away. */
  retiring: z.array(z.object({ certificateId: z.string(), retiresAt: z.string() })),
});
export type DeviceCredentials = z.infer<typeof DeviceCredentials>;
