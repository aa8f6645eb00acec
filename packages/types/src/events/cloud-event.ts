import * as z from 'zod/mini';
import { Tenant } from '../tenant.ts';
import { ActivityData, ClickData, LogData, OrderData, PostData, TelemetryData } from './data.ts';
import { DocumentData } from './document-data.ts';
import { EventTime } from './event-time.ts';

/**
 * Attributes that every event has, by CloudEvents 1.0 (https://cloudevents.io). Unknown extension
 * attributes are kept: a newer producer must stay readable.
 */
const envelope = {
  specversion: z.literal('1.0'),
  /** Unique per source: the deduplication key. */
  id: z.string().check(z.minLength(1), z.maxLength(256)),
  source: z.string().check(z.minLength(1), z.maxLength(1024)),
  /** When it happened (event time), RFC 3339 with an offset. */
  time: EventTime,
  subject: z.optional(z.string().check(z.minLength(1), z.maxLength(1024))),
  datacontenttype: z.optional(z.literal('application/json')),
  /** Extension attribute: whom the event belongs to. Stamped at the border, never taken from a caller. */
  tenant: z.optional(Tenant),
};

export const ActivityEvent = z.looseObject({
  ...envelope,
  type: z.literal('millrace.activity.v1'),
  data: ActivityData,
});
export const ClickEvent = z.looseObject({
  ...envelope,
  type: z.literal('millrace.click.v1'),
  data: ClickData,
});
export const OrderEvent = z.looseObject({
  ...envelope,
  type: z.literal('millrace.order.v1'),
  data: OrderData,
});
export const LogEvent = z.looseObject({
  ...envelope,
  type: z.literal('millrace.log.v1'),
  data: LogData,
});
export const PostEvent = z.looseObject({
  ...envelope,
  type: z.literal('millrace.post.v1'),
  data: PostData,
});
export const TelemetryEvent = z.looseObject({
  ...envelope,
  type: z.literal('millrace.telemetry.v1'),
  data: TelemetryData,
});

export const DocumentEvent = z.looseObject({
  ...envelope,
  type: z.literal('millrace.document.v1'),
  data: DocumentData,
});

/** Every event on the stream `events`. */
export const MillraceEvent = z.discriminatedUnion('type', [
  ActivityEvent,
  ClickEvent,
  OrderEvent,
  LogEvent,
  PostEvent,
  TelemetryEvent,
  DocumentEvent,
]);
export type MillraceEvent = z.infer<typeof MillraceEvent>;
export type EventType = MillraceEvent['type'];
export type EventOf<T extends EventType> = Extract<MillraceEvent, { type: T }>;

export const EVENT_TYPES = [
  'millrace.activity.v1',
  'millrace.click.v1',
  'millrace.order.v1',
  'millrace.log.v1',
  'millrace.post.v1',
  'millrace.telemetry.v1',
  'millrace.document.v1',
] as const satisfies readonly EventType[];
