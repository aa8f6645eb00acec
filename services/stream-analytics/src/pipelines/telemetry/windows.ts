import { Quantiles } from '@millrace/sketches';
import {
  type DeviceWindow,
  type MetricSummary,
  type MetricWindow,
  MOST_DEVICE_METRICS,
  READINGS_KEPT_DAYS,
} from '@millrace/types';
import { decimalOf, decimalText, parseDecimal } from '../../domain/decimal.ts';
import { withFirstNames } from './first-names.ts';

/** A sketch takes up to some kilobytes, so an item has room for this many of them. */
export const MOST_SKETCHES = 12;

const EMPTY: DeviceWindow = { readings: 0, metrics: {} };

/** A window with one more reading. The result depends on the readings alone, not on their order. */
export function withReading(
  before: DeviceWindow = EMPTY,
  measured: Readonly<Record<string, number>>,
): DeviceWindow {
  const { kept, dropped } = withFirstNames(
    before.metrics,
    Object.entries(measured),
    MOST_DEVICE_METRICS,
    withValue,
  );
  return {
    readings: before.readings + 1,
    metrics: withFirstSketches(kept),
    ...((before.cut || dropped.length > 0) && { cut: true }),
  };
}

function withValue(before: MetricSummary | undefined, value: number): MetricSummary {
  const sketch = !before || before.quantiles ? sketchOf(before) : undefined;
  sketch?.add(value);
  return {
    count: (before?.count ?? 0) + 1,
    sum: decimalText((before ? parseDecimal(before.sum) : 0n) + decimalOf(value)),
    min: Math.min(before?.min ?? value, value),
    max: Math.max(before?.max ?? value, value),
    ...(sketch && { quantiles: Buffer.from(sketch.toBytes()).toString('base64') }),
  };
}

function sketchOf(summary: MetricSummary | undefined): Quantiles {
  const text = summary?.quantiles;
  return text ? Quantiles.fromBytes(Buffer.from(text, 'base64')) : new Quantiles();
}

/** Like the names themselves: a metric that has once lost its sketch never has one again. */
function withFirstSketches(metrics: Record<string, MetricSummary>): Record<string, MetricSummary> {
  const names = Object.keys(metrics);
  if (names.length <= MOST_SKETCHES) return metrics;
  const keep = new Set(names.sort().slice(0, MOST_SKETCHES));
  return Object.fromEntries(
    Object.entries(metrics).map(([name, { quantiles, ...rest }]) => [
      name,
      keep.has(name) && quantiles !== undefined ? { ...rest, quantiles } : rest,
    ]),
  );
}

const LENGTH_S = { '1m': 60, '1h': 3_600, '1d': 86_400 } as const;

/** When a window is forgotten, in seconds since the epoch. @param start RFC 3339. */
export function windowExpiry(window: MetricWindow, start: string): number {
  return Date.parse(start) / 1000 + LENGTH_S[window] + READINGS_KEPT_DAYS[window] * 86_400;
}
