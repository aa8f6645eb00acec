import type { Column, RowLayout } from '@millrace/lake';
import { EVENT_TYPES, type EventOf, type EventType, orderTotal } from '@millrace/types';

type Text<T extends EventType> = {
  readonly [F in keyof EventOf<T>['data'] & string]: EventOf<T>['data'][F] extends
    | string
    | undefined
    ? F
    : never;
}[keyof EventOf<T>['data'] & string];

interface Columns<T extends EventType> {
  /** Fields of the data that are columns of text: column → field. They are not told again in `data`. */
  readonly texts: Readonly<Record<string, Text<T>>>;
  /** What is reckoned from an event, in addition. */
  readonly totals?: Readonly<Record<string, (event: EventOf<T>) => bigint>>;
}

/**
 * Columns of each type of event beside those that all have. Columns may be added at any time, totals
 * only (a text that moves from `data` to a column would be found in two ways); one that changes its
 * type needs a new name.
 */
export const COLUMNS: { readonly [T in EventType]: Columns<T> } = {
  'millrace.activity.v1': { texts: { name: 'name', user_id: 'userId' } },
  'millrace.click.v1': {
    texts: { visitor_id: 'visitorId', url: 'url', action: 'action', referrer: 'referrer' },
  },
  'millrace.order.v1': {
    texts: {
      order_id: 'orderId',
      customer_id: 'customerId',
      status: 'status',
      currency: 'currency',
    },
    // Minor units.
    totals: { total: ({ data }) => BigInt(orderTotal(data.lines)) },
  },
  'millrace.log.v1': { texts: { service_name: 'service', level: 'level', message: 'message' } },
  'millrace.post.v1': { texts: { author: 'author', lang: 'lang', text: 'text' } },
  'millrace.telemetry.v1': { texts: { device_id: 'deviceId' } },
  'millrace.document.v1': {
    texts: { document_id: 'documentId', title: 'title', url: 'url', lang: 'lang', text: 'text' },
  },
};

/** Columns that all events have, before and after those of their type. */
const BEFORE: readonly Column[] = [
  { name: 'row_id', type: 'string' },
  { name: 'tenant_id', type: 'string' },
  { name: 'event_type', type: 'string' },
  { name: 'source', type: 'string' },
  { name: 'event_id', type: 'string' },
  { name: 'time', type: 'timestamp' },
  { name: 'subject', type: 'string' },
];
const AFTER: readonly Column[] = [
  { name: 'data', type: 'string' },
  { name: 'extensions', type: 'string' },
  { name: 'cleansed', type: 'string' },
];

/**
 * In memory, of the rows of one object. What is added is read, united and written again within a few
 * times as much. FROZEN upwards: an object that is closed must stay so.
 */
const CLOSED_AT = 48 * 1024 * 1024;

const layoutOf = (type: EventType): RowLayout => ({
  columns: [
    ...BEFORE,
    ...Object.keys(COLUMNS[type].texts).map((name) => ({ name, type: 'string' }) as const),
    ...Object.keys(COLUMNS[type].totals ?? {}).map((name) => ({ name, type: 'int64' }) as const),
    ...AFTER,
  ],
  id: 'row_id',
  order: 'time',
  closedAt: CLOSED_AT,
});

export const LAYOUTS = Object.fromEntries(
  EVENT_TYPES.map((type) => [type, layoutOf(type)]),
) as Readonly<Record<EventType, RowLayout>>;
