import { Quantiles } from '@millrace/sketches';
import {
  type DeviceState,
  type MetricSummary,
  type MetricWindow,
  ProblemError,
  READINGS_KEPT_DAYS,
} from '@millrace/types';
import { deviceOf } from '../devices/devices.ts';
import type { DeviceStore } from '../devices/ports.ts';
import { type TimeRange, timeRangeOf } from '../time-range.ts';
import type { DeviceKey, ReadingStore } from './ports.ts';

export interface ReadingPorts {
  readonly devices: Pick<DeviceStore, 'find'>;
  readonly readings: ReadingStore;
}

export interface ReadingsRange extends TimeRange {
  readonly interval: MetricWindow;
}

export interface ReadMetricSummary {
  readonly count: number;
  /** Exact decimal. */
  readonly sum: string;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly p95?: number;
}

export interface ReadingPoint {
  readonly time: string;
  readonly readings: number;
  readonly metrics: Readonly<Record<string, ReadMetricSummary>>;
  readonly cut?: true;
}

/** Summaries of metrics in windows: some 300 bytes each, of the 6 MB that an answer may have. */
export const MOST_SUMMARIES = 15_000;

/** @throws ProblemError metric_range_too_wide, invalid_request */
export function readingsRangeOf(query: {
  readonly from: string;
  readonly to: string;
  readonly interval: MetricWindow;
}): ReadingsRange {
  const { interval } = query;
  return { ...timeRangeOf(query, interval, READINGS_KEPT_DAYS[interval]), interval };
}

/**
 * What is known of a device now. What a device has sent stays when it is deleted, and stays its
 * tenant's when another takes the id; so whoever has heard of it may read of it.
 *
 * @returns undefined where it is registered and was never heard.
 * @throws ProblemError device_not_found
 */
export async function heardOf(
  { devices, readings }: ReadingPorts,
  device: DeviceKey,
): Promise<DeviceState | undefined> {
  const state = await readings.state(device);
  if (state === undefined) await deviceOf(devices, device.tenant, device.deviceId);
  return state;
}

/** @throws ProblemError metric_answer_too_large */
export async function readReadings(
  store: ReadingStore,
  device: DeviceKey,
  range: ReadingsRange,
  most = MOST_SUMMARIES,
): Promise<ReadingPoint[]> {
  const points: ReadingPoint[] = [];
  let left = most;
  for await (const { start, readings, metrics, cut } of store.windows(
    device,
    range.interval,
    range,
  )) {
    const names = Object.entries(metrics);
    left -= Math.max(names.length, 1);
    if (left < 0) {
      throw new ProblemError(
        'metric_answer_too_large',
        `The answer would hold more than ${most} metrics of windows; ask for a shorter range or a longer interval.`,
      );
    }
    points.push({
      time: start,
      readings,
      metrics: Object.fromEntries(names.map(([name, summary]) => [name, summaryOf(summary)])),
      ...(cut && { cut }),
    });
  }
  return points;
}

function summaryOf({ count, sum, min, max, quantiles }: MetricSummary): ReadMetricSummary {
  const p95 =
    quantiles === undefined
      ? undefined
      : Quantiles.fromBytes(Buffer.from(quantiles, 'base64')).quantile(0.95);
  const mean = Number(sum) / count;
  return { count, sum, min, max, mean, ...(p95 !== undefined && { p95 }) };
}
