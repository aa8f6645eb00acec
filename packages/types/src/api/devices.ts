import * as z from 'zod/mini';
import { DeviceId } from '../events/data.ts';

export const DeviceRequest = z.object({
  deviceId: DeviceId,
  name: z.optional(z.string().check(z.minLength(1), z.maxLength(128))),
});

export const DeviceResource = z.object({
  deviceId: z.string(),
  name: z.optional(z.string()),
  status: z.enum(['active', 'disabled']),
  createdAt: z.string(),
  updatedAt: z.string(),
  topics: z.object({ telemetry: z.string(), rejected: z.string() }),
});
export type DeviceResource = z.infer<typeof DeviceResource>;
export const DeviceList = z.object({
  items: z.array(DeviceResource),
  cursor: z.optional(z.string()),
});
