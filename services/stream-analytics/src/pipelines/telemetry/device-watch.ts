import { hash } from 'node:crypto';
import { type DeviceAlert, type DeviceState, silentAfter } from '@millrace/types';
import type { StateRef } from '../../domain/engine/pipeline.ts';

/**
 * Says that somebody has to look after a device at a time. While a device is watched there is exactly
 * one: it is put by the reading that begins the watch and from then on only moved, by `watchDevices`.
 * Readings in between touch none, so that the work is one look per device and silence allowed, not
 * two writes per reading.
 */
export interface DueLook {
  readonly tenant: string;
  readonly deviceId: string;
}

/** Partitions that share the looks of all tenants. FROZEN: a device's look is found by it. */
export const DUE_SHARDS = 8;

/** No tenant begins with `*`: what is below is read by `watchDevices` alone. */
export function duePartition(shard: number): string {
  return `*#due#${shard}`;
}

/** @param at milliseconds since the epoch; the look is due at the next full minute. */
export function dueRef({ tenant, deviceId }: DueLook, at: number): StateRef<DueLook> {
  const minute = new Date(Math.ceil(at / 60_000) * 60_000).toISOString();
  const shard = hash('sha256', `${tenant}#${deviceId}`, 'buffer').readUInt32BE(0) % DUE_SHARDS;
  return { pk: duePartition(shard), sk: `${minute}#${tenant}#${deviceId}` };
}

export function firstLookOf(look: DueLook, state: DeviceState): StateRef<DueLook> {
  return dueRef(look, silentAfter(state));
}

/** Alerts that are decided and not yet told. */
export const ALERTS_PARTITION = '*#alerts';

export function alertRef({ id, at }: DeviceAlert): StateRef<DeviceAlert> {
  return { pk: ALERTS_PARTITION, sk: `${at}#${id}` };
}

/**
 * @param since the last that was heard before the outage: with the device it names the outage, so the
 * same alert has the same id whoever makes it.
 */
export function alertOf(
  type: DeviceAlert['type'],
  { tenant, deviceId }: DueLook,
  since: string,
  at: string,
): DeviceAlert {
  const name = JSON.stringify([type, tenant, deviceId, since]);
  const id = hash('sha256', name, 'base64url').slice(0, 22);
  return { id, type, tenant, deviceId, since, at };
}
