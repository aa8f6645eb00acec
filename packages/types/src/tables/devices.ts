/** How many messages of a device are taken. */
export interface DeviceQuota {
  /** On average of ten minutes, by the clock. */
  readonly perMinute: number;
  /** In any one minute, by the clock. */
  readonly burst: number;
}

export const DEFAULT_DEVICE_QUOTA: DeviceQuota = { perMinute: 120, burst: 240 };

/** Table `devices`: partition key `deviceId`; index `byTenant` (tenant, deviceId). */
export interface DeviceItem {
  readonly deviceId: string;
  readonly tenant: string;
  readonly name?: string;
  readonly status: 'active' | 'disabled';
  /** `DEFAULT_DEVICE_QUOTA` where nothing is said. */
  readonly quota?: DeviceQuota;
  readonly createdAt: string;
  readonly updatedAt: string;
}
