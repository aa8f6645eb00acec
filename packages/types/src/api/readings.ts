import * as z from 'zod/mini';
import { METRIC_WINDOWS } from '../metrics.ts';
import { timeSpan } from './time-span.ts';

export const ReadingsQuery = z.object({
  ...timeSpan,
  interval: z._default(z.enum(METRIC_WINDOWS), '1h'),
});

const MetricSummary = z.object({
  count: z.int(),
  /** With all its decimal digits. */
  sum: z.number(),
  min: z.number(),
  max: z.number(),
  /** `sum / count`, rounded to a double. */
  mean: z.number(),
  /** To 1 %; of the first 12 metrics of a window by name. */
  p95: z.optional(z.number()),
});

export const DeviceReadings = z.object({
  deviceId: z.string(),
  from: z.string(),
  to: z.string(),
  interval: z.enum(METRIC_WINDOWS),
  /** Windows in which there were readings, in their order. */
  points: z.array(
    z.object({
      time: z.string(),
      readings: z.int(),
      metrics: z.record(z.string(), MetricSummary),
      /** There were more than 100 metrics: these are the first by name. */
      cut: z.optional(z.literal(true)),
    }),
  ),
  /** The newest value of each metric by event time, whatever was asked for. */
  last: z.record(z.string(), z.object({ value: z.number(), time: z.string() })),
  /** When its newest reading arrived; absent until there is one. */
  seenAt: z.optional(z.string()),
  /** Since when nothing is heard of it; absent while it is online. */
  offlineSince: z.optional(z.string()),
});

export const UsageQuery = z.object({
  /** In UTC, by event time; the current one where none is named. */
  month: z.optional(
    z.string().check(z.regex(/^[12]\d{3}-(0[1-9]|1[0-2])$/, 'must be a month like 2026-11')),
  ),
});

/** `quantity` is written with all its decimal digits. */
const MeterQuantity = z.object({ quantity: z.number(), readings: z.int() });
const billed = {
  readings: z.int(),
  meters: z.record(z.string(), MeterQuantity),
  /** Meters beyond the first 200 by name, added up. */
  others: z.optional(MeterQuantity),
};

export const DeviceUsage = z.object({
  deviceId: z.string(),
  month: z.string(),
  /** What arrives after `closesAt` is an adjustment of another month: a closed bill never changes. */
  status: z.enum(['open', 'closed']),
  closesAt: z.string(),
  ...billed,
  /** What arrived in this month, too late for the bill of another. */
  adjustments: z.array(z.object({ originMonth: z.string(), ...billed })),
});
