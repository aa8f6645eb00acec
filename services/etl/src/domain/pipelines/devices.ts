import * as z from 'zod/mini';
import { column, definePipeline } from '../pipeline.ts';

const Device = z.looseObject({
  deviceId: z.string(),
  tenant: z.string(),
  name: z.optional(z.string()),
  status: z.string(),
  createdAt: z.iso.datetime({ offset: true }),
  updatedAt: z.iso.datetime({ offset: true }),
});
type Device = z.infer<typeof Device>;

export const devices = definePipeline({
  table: 'devices',
  item: Device,
  // A device's id is nobody else's, so the table knows it by that alone (decision 6).
  key: { device_id: 'deviceId' },
  sql: true,
  columns: {
    tenant: column('string', (device: Device) => device.tenant),
    device_id: column('string', (device: Device) => device.deviceId),
    name: column('string', (device: Device) => device.name),
    status: column('string', (device: Device) => device.status),
    created_at: column('timestamp', (device: Device) => new Date(device.createdAt)),
    updated_at: column('timestamp', (device: Device) => new Date(device.updatedAt)),
  },
});
