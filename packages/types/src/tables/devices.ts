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
  /** Raised by every change of what this item says, presence apart. */
  readonly revision?: number;
  /** Certificates with which the device may connect while it is active. Never their keys. */
  readonly credentials?: readonly DeviceCredential[];
  /** Written by iot-ingest; absent until the device has connected. */
  readonly presence?: DevicePresence;
  /** It may fetch a certificate of its own, once; absent where nobody has said so. */
  readonly claim?: DeviceClaim;
  /** A certificate is being made; who does it may be dead after `until`. */
  readonly issuing?: DeviceIssue;
  /** Set from the request to delete it until all that belongs to it is gone. */
  readonly deletedAt?: string;
}

/** Whether a device is connected, by the newest lifecycle event of its client. */
export interface DevicePresence {
  readonly isConnected: boolean;
  /** Since when, milliseconds since the epoch. */
  readonly at: number;
  /** Place among all events of the client, as the broker counts its connections. */
  readonly order: number;
  readonly sessionId: string;
  /** Why it is not connected any more, in AWS's words. */
  readonly reason?: string;
}

export interface DeviceCredential {
  readonly certificateId: string;
  readonly certificateArn: string;
  readonly createdAt: string;
  /** Taken away then; absent of the one that the device should use. */
  readonly retiresAt?: string;
  /** Digest of the Idempotency-Key of the request that it was made for. */
  readonly requestKey?: string;
}

export interface DeviceIssue {
  /** Of one attempt. */
  readonly id: string;
  readonly until: string;
}

/** Fleet provisioning by claim: opened through the API, used in iot-ingest. */
export interface DeviceClaim {
  readonly openedAt: string;
  /** Digest of the Idempotency-Key of the request that opened it. */
  readonly requestKey: string;
  /** `claimCodeDigest` of what the device must say; absent where its serial number is enough. */
  readonly codeDigest?: string;
  /** What it was used for, and when. */
  readonly certificateId?: string;
  readonly claimedAt?: string;
}

/** Table `device-tasks`: partition key `deviceId`. A device that is to be looked after, and when. */
export interface DeviceTaskItem {
  readonly deviceId: string;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
}
