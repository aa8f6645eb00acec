import type { DeviceItem } from '@millrace/types';
import type { PageRequest, StoredPage } from '../paging.ts';

export interface DeviceChanges {
  readonly set?: Partial<Omit<DeviceItem, 'deviceId' | 'tenant' | 'revision'>>;
  readonly remove?: readonly (keyof DeviceItem)[];
}

export interface DeviceStore {
  find(deviceId: string): Promise<DeviceItem | undefined>;
  list(tenant: string, page: PageRequest): Promise<StoredPage<DeviceItem>>;
  /** Stores the device unless there is one with its id; returns what is stored then. */
  addOnce(device: DeviceItem): Promise<DeviceItem>;
  /** Changes the device as it was read, and raises its revision; undefined where it is another by now. */
  change(seen: DeviceItem, changes: DeviceChanges): Promise<DeviceItem | undefined>;
  /** Whether it was removed; not where it is another by now than was read. */
  remove(seen: DeviceItem): Promise<boolean>;
}

export interface IssuedCertificate {
  readonly certificateId: string;
  readonly certificateArn: string;
  readonly certificatePem: string;
  readonly privateKey: string;
}

/** Who a device is to the broker. Everything may be repeated, and what is gone is gone. */
export interface DeviceIdentities {
  ensureThing(deviceId: string): Promise<void>;
  /** Inactive and attached to nothing: it can do nothing yet. */
  createCertificate(): Promise<IssuedCertificate>;
  /**
   * To the device and to the policy of devices. Like `setActive`, it leaves a certificate alone that
   * was handed out to a device and that the device has not come for yet.
   */
  attach(deviceId: string, certificateArn: string): Promise<void>;
  setActive(certificateArn: string, isActive: boolean): Promise<void>;
  /** ARNs of what is attached to the device. */
  listCertificates(deviceId: string): Promise<readonly string[]>;
  /** Takes the certificate away from the device and the world. */
  removeCertificate(deviceId: string, certificateArn: string): Promise<void>;
  removeThing(deviceId: string): Promise<void>;
}

export interface DeviceTask {
  readonly deviceId: string;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
}

/** Devices that are to be looked after, so that no crash leaves one half changed. */
export interface DeviceTasks {
  /** Instead of what was planned for the device before. */
  plan(task: DeviceTask): Promise<void>;
  due(now: number): AsyncIterable<DeviceTask>;
  /** Puts it off, or is done with it, unless it was planned anew meanwhile. */
  settle(task: DeviceTask, next: number | undefined): Promise<void>;
}
