import * as z from 'zod/mini';
import { timeSpan } from './time-span.ts';

/** A cursor is opaque and comes from the page before. */
export const SessionQuery = z.object({
  /** Of the sessions' start. */
  ...timeSpan,
  visitorId: z.optional(z.string().check(z.minLength(1), z.maxLength(256))),
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(100)), 25),
  cursor: z.optional(z.string().check(z.maxLength(2048))),
});

export const SessionResource = z.object({
  id: z.string(),
  visitorId: z.string(),
  startedAt: z.string(),
  endedAt: z.string(),
  views: z.int(),
  clicks: z.int(),
  bounce: z.boolean(),
  entryPage: z.string(),
  exitPage: z.string(),
  referrer: z.string(),
  source: z.string(),
  medium: z.string(),
  campaign: z.string(),
  device: z.string(),
  browser: z.string(),
  os: z.string(),
});

/** May hold fewer than `limit` while there is a cursor. */
export const SessionList = z.object({
  items: z.array(SessionResource),
  cursor: z.optional(z.string()),
});
