import * as z from 'zod/mini';
import { timeSpan } from './time-span.ts';

/** Days, weeks (from Monday) and months in UTC. */
export const INTERVALS = ['1m', '1h', '1d', '1w', '1mo'] as const;
export type Interval = (typeof INTERVALS)[number];

const most = (limit: number, usual: number) =>
  z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(limit)), usual);

export const MetricQuery = z.object({
  /** Up to 31 days where minutes are read, 400 where hours, 4,000 where days. */
  ...timeSpan,
  /** The shortest that the metric keeps where none is named. */
  interval: z.optional(z.enum(INTERVALS)),
  /** Dimensions, comma-separated. */
  groupBy: z.optional(z.string().check(z.maxLength(256))),
  /** How many of the most frequent terms are told, where the metric keeps them. */
  top: most(100, 10),
});

/** All but count and sum only where the metric keeps them. */
const measured = {
  count: z.int(),
  /** With all its decimal digits. */
  sum: z.number(),
  min: z.optional(z.number()),
  max: z.optional(z.number()),
  /** To 1 %. */
  p50: z.optional(z.number()),
  p95: z.optional(z.number()),
  p99: z.optional(z.number()),
  /** How many different ones there were: of a total, each once. Standard error 1.6 % above 1,024. */
  distinct: z.optional(z.int()),
  /** At least the true count, and at most `error` above it. */
  top: z.optional(z.array(z.object({ term: z.string(), count: z.int(), error: z.int() }))),
};
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

export const TREND_WINDOWS = ['1h', '1d'] as const;
export const TrendQuery = z.object({
  of: z.enum(['hashtags', 'mentions', 'terms']),
  /** Of terms: only those of posts in this language. */
  lang: z.optional(z.string().check(z.minLength(1), z.maxLength(35))),
  /** A time in the window that is asked for; now where none is named. RFC 3339. */
  at: z.optional(timeSpan.from),
  window: z._default(z.enum(TREND_WINDOWS), '1h'),
  limit: most(100, 10),
});
export const TrendAnswer = z.object({
  of: TrendQuery.shape.of,
  lang: z.optional(z.string()),
  window: z.enum(TREND_WINDOWS),
  /** Start of the window. */
  from: z.string(),
  /** The share of the window that is over, up to 1. */
  progress: z.number(),
  /** Terms that are more frequent than their own past lets expect, the most unusual first. */
  items: z.array(
    z.object({ term: z.string(), count: z.int(), expected: z.number(), score: z.number() }),
  ),
});

export const DaysQuery = z.object(timeSpan);
export const FunnelAnswer = z.object({
  name: z.string(),
  from: z.string(),
  to: z.string(),
  steps: z.array(
    z.object({
      step: z.string(),
      /** Of those who entered in the range, once per user and day. */
      users: z.int(),
      /** Shares of the users of the step before, and of the first; absent where nobody took it. */
      fromBefore: z.optional(z.number()),
      fromFirst: z.optional(z.number()),
    }),
  ),
});
export const RetentionAnswer = z.object({
  from: z.string(),
  to: z.string(),
  /** By the first day of their users. */
  cohorts: z.array(
    z.object({
      cohort: z.string(),
      users: z.int(),
      /** From the first day (0) to the thirtieth after it, or today. */
      days: z.array(z.object({ day: z.int(), users: z.int(), share: z.number() })),
    }),
  ),
});
