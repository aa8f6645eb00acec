/** Table `devices`: partition key `deviceId`; index `byTenant` (tenant, deviceId). */
export interface DeviceItem {
  readonly deviceId: string;
  readonly tenant: string;
  readonly name?: string;
  readonly status: 'active' | 'disabled';
  readonly createdAt: string;
  readonly updatedAt: string;
}
