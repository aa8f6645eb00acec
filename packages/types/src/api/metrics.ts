import * as z from 'zod/mini';
import { timeSpan } from './time-span.ts';

export const INTERVALS = ['1m', '1h', '1d'] as const;

export const MetricQuery = z.object({
  ...timeSpan,
  interval: z._default(z.enum(INTERVALS), '1m'),
  /** Dimensions, comma-separated. */
  groupBy: z.optional(z.string().check(z.maxLength(256))),
});

/** `sum` is written with all its decimal digits. */
const measured = { count: z.int(), sum: z.number() };
export const MetricSeries = z.object({
  group: z.record(z.string(), z.string()),
  ...measured,
  points: z.array(z.object({ time: z.string(), ...measured })),
});
export const MetricAnswer = z.object({
  name: z.string(),
  from: z.string(),
  to: z.string(),
  interval: z.enum(INTERVALS),
  ...measured,
  series: z.array(MetricSeries),
});
