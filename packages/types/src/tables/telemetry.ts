import type { MetricWindow } from '../metrics.ts';
import { windowStart } from './metrics.ts';

/** Metrics that are kept of a device and window, and last values of a device: the first by name. */
export const MOST_DEVICE_METRICS = 100;

/**
 * State: what a device measured in an event-time window, under `readingsPartition(tenant, deviceId)` and
 * `readingsSort(window, time)`.
 */
export interface DeviceWindow {
  readonly readings: number;
  /** By name; of more than `MOST_DEVICE_METRICS` names the first in the order of their characters. */
  readonly metrics: Readonly<Record<string, MetricSummary>>;
  /** Set where there were more names. */
  readonly cut?: true;
}

/** The mean is `sum / count`. */
export interface MetricSummary {
  readonly count: number;
  /** Exact decimal: read it as text, not as a double. */
  readonly sum: string;
  readonly min: number;
  readonly max: number;
  /** `Quantiles` of `@millrace/sketches` (p95 to 1 %) in base64; of the first names only. */
  readonly quantiles?: string;
}

/** Neither a tenant nor a device id holds `#`. */
export function readingsPartition(tenant: string, deviceId: string): string {
  return `${tenant}#readings#${deviceId}`;
}

/** @param time RFC 3339. Within a window's length the keys sort as the windows do. */
export function readingsSort(window: MetricWindow, time: string): string {
  return `${window}#${windowStart(time, window)}`;
}

/** How long a window of each length is kept after its end, in days. */
export const READINGS_KEPT_DAYS = { '1m': 8, '1h': 100, '1d': 800 } as const;

/** State: what is known of a device now, under `devicePartition(tenant, deviceId)` and `-`. */
export interface DeviceState {
  /** When its newest reading reached the stream, ISO 8601. */
  readonly seenAt: string;
  /** The newest minutes in which readings reached the stream, since the epoch, ascending. */
  readonly minutes: readonly number[];
  /** The newest value of each metric by event time; `cut` as in `DeviceWindow`. */
  readonly latest: Readonly<Record<string, LatestValue>>;
  readonly cut?: true;
  /** False while the device is offline. */
  readonly watched: boolean;
  /** Since when nothing is heard of it; absent while it is online. */
  readonly outage?: { readonly since: string };
}

export interface LatestValue {
  readonly value: number;
  /** Event time, ISO 8601 in UTC. */
  readonly time: string;
  /** The first characters of the event's id: the larger wins where two tell the same time. */
  readonly id: string;
}

export function devicePartition(tenant: string, deviceId: string): string {
  return `${tenant}#device#${deviceId}`;
}

const MINUTE_MS = 60_000;
const SHORTEST_SILENCE_MS = 5 * MINUTE_MS;
const LONGEST_SILENCE_MS = 24 * 60 * MINUTE_MS;
const MISSED_REPORTS = 3;

/**
 * How long a device may be silent: three times the (lower) median distance of the minutes in which it
 * reported last, so that one lost reading or one past outage is no alarm; at least five minutes, which
 * is also what a device has that reported in one minute only; at most a day.
 *
 * @returns milliseconds.
 */
export function silenceAllowedMs({ minutes }: Pick<DeviceState, 'minutes'>): number {
  const distances = minutes.slice(1).map((minute, at) => minute - (minutes[at] ?? minute));
  distances.sort((a, b) => a - b);
  const median = distances[(distances.length - 1) >> 1] ?? 0;
  const learned = MISSED_REPORTS * median * MINUTE_MS;
  return Math.min(Math.max(learned, SHORTEST_SILENCE_MS), LONGEST_SILENCE_MS);
}

/** When a device that says nothing more is offline: milliseconds since the epoch. */
export function silentAfter(state: Pick<DeviceState, 'minutes' | 'seenAt'>): number {
  return Date.parse(state.seenAt) + silenceAllowedMs(state);
}

/**
 * What the SNS topic `alerts` is told of a device. Delivered at least once; `id` is the same each time
 * and of each outage another.
 */
export interface DeviceAlert {
  readonly id: string;
  readonly type: 'device_offline' | 'device_online';
  readonly tenant: string;
  readonly deviceId: string;
  /** The last that was heard of it before the outage, ISO 8601. */
  readonly since: string;
  /** When the outage was noticed, or when the reading came that ended it. */
  readonly at: string;
}
