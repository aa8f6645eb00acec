import { type DeviceAlert, type DeviceState, silentAfter } from '@millrace/types';
import { tellAlerts, type WaitingAlerts } from '../../domain/alerts/tell-alerts.ts';
import { alertOf, DUE_SHARDS, type DueLook } from './device-watch.ts';

export interface DueItem extends DueLook {
  readonly pk: string;
  readonly sk: string;
}

export interface StoredDevice {
  readonly state: DeviceState;
  readonly version: number;
}

/** Reads show what is stored at that moment; of the writes each does all that it says, or nothing. */
export interface WatchStore extends WaitingAlerts<DeviceAlert> {
  /** Looks of a shard that are due, the oldest first. @param now ISO 8601. */
  dueLooks(shard: number, now: string): AsyncIterable<DueItem>;
  readDevice(look: DueLook): Promise<StoredDevice | undefined>;
  /** Replaces a look by a later one. False where it is no longer there. @param at ms since the epoch. */
  postpone(due: DueItem, at: number): Promise<boolean>;
  /** Takes away a look, unless the device's state is no longer as it was read. */
  drop(due: DueItem, device: StoredDevice | undefined): Promise<boolean>;
  /**
   * Replaces the device's state, takes away the look and keeps the alert for telling. False where the
   * state or the look is no longer as it was read.
   */
  goOffline(
    due: DueItem,
    device: StoredDevice,
    next: DeviceState,
    alert: DeviceAlert,
  ): Promise<boolean>;
}

export interface WatchPorts {
  readonly store: WatchStore;
  /** Tells an alert. A rejection says nothing about whether it was told. */
  readonly tell: (alert: DeviceAlert) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** False when the function is about to be stopped: begin nothing more. */
  readonly hasTimeLeft: () => boolean;
}

export interface WatchCounts {
  looked: number;
  offline: number;
  told: number;
}

/**
 * Looks after the devices that are due, keeps who has fallen silent, and tells the alerts that wait.
 * What one run does not manage is still due in the next; two runs at once do nothing twice.
 *
 * Each outage makes one alert: it is kept in the same transaction that marks the device offline. It is
 * told at least once, always with the same id: a run that is killed between telling and settling
 * leaves it to the next.
 */
export async function watchDevices(ports: WatchPorts): Promise<WatchCounts> {
  const counts = { looked: 0, offline: 0, told: 0 };
  const shards = Array.from({ length: DUE_SHARDS }, (_, shard) => shard);
  const looked = await Promise.allSettled(shards.map((shard) => lookAt(shard, ports, counts)));
  // What is known is told even where a shard cannot be read.
  counts.told = await tellAlerts({ ...ports, alerts: ports.store });
  for (const one of looked) if (one.status === 'rejected') throw one.reason;
  return counts;
}

async function lookAt(shard: number, ports: WatchPorts, counts: WatchCounts): Promise<void> {
  const { store, now, hasTimeLeft } = ports;
  for await (const due of store.dueLooks(shard, new Date(now()).toISOString())) {
    if (!hasTimeLeft()) return;
    counts.looked += 1;
    if (await lookAfter(due, ports)) counts.offline += 1;
  }
}

/** A reading that comes meanwhile changes the state: then it is looked at again. */
const MOST_ROUNDS = 5;

/** @returns whether the device has fallen silent. */
async function lookAfter(due: DueItem, { store, now }: WatchPorts): Promise<boolean> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const device = await store.readDevice(due);
    if (!device?.state.watched) {
      if (await store.drop(due, device)) return false;
      continue;
    }
    const silent = silentAfter(device.state);
    if (silent > now()) {
      // False: another run has moved it.
      await store.postpone(due, silent);
      return false;
    }
    const { seenAt } = device.state;
    const next = { ...device.state, watched: false, outage: { since: seenAt } };
    const alert = alertOf('device_offline', due, seenAt, new Date(now()).toISOString());
    if (await store.goOffline(due, device, next, alert)) return true;
  }
  return false;
}
