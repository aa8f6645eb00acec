import * as z from 'zod/mini';
import { orderTotal } from '../tables/orders.ts';

const name = (max: number) => z.string().check(z.minLength(1), z.maxLength(max));
const scalar = z.union([z.string().check(z.maxLength(2048)), z.number(), z.boolean(), z.null()]);

/** Something a user did in an application. */
export const ActivityData = z.object({
  name: name(128),
  userId: name(256),
  properties: z.optional(z.record(name(128), scalar)),
});

/** A page view or a click. */
export const ClickData = z.object({
  visitorId: name(256),
  url: name(4096),
  action: z.optional(z.enum(['view', 'click'])),
  referrer: z.optional(z.string().check(z.maxLength(4096))),
  userAgent: z.optional(z.string().check(z.maxLength(1024))),
});

export const ORDER_STATUSES = ['placed', 'paid', 'shipped', 'delivered', 'cancelled'] as const;
export const OrderStatus = z.enum(ORDER_STATUSES);
export type OrderStatus = z.infer<typeof OrderStatus>;

/** ISO 4217, e.g. `KRW`. */
export const Currency = z
  .string()
  .check(z.regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code like EUR'));

export const OrderLine = z.object({
  sku: name(128),
  quantity: z.int().check(z.gte(1), z.lte(1_000_000)),
  /** Minor units of the order's currency (cents, won). */
  unitPrice: z.int().check(z.gte(0), z.lte(1_000_000_000)),
});
export type OrderLine = z.infer<typeof OrderLine>;

export const OrderLines = z.array(OrderLine).check(z.minLength(1), z.maxLength(100));

/** The state of an order after a step of its life. */
export const OrderData = z
  .object({
    orderId: name(128),
    customerId: name(256),
    status: OrderStatus,
    currency: Currency,
    lines: OrderLines,
  })
  .check(
    z.refine(({ lines }) => Number.isSafeInteger(orderTotal(lines)), {
      error: `the total of the lines must be at most ${Number.MAX_SAFE_INTEGER} minor units`,
      path: ['lines'],
    }),
  );

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** One line of an application's log. */
export const LogData = z.object({
  service: name(128),
  level: z.enum(LOG_LEVELS),
  message: z.string().check(z.maxLength(65_536)),
  fields: z.optional(z.record(name(128), scalar)),
});

/** A social-media post. */
export const PostData = z.object({
  author: name(256),
  text: z.string().check(z.maxLength(10_000)),
  lang: z.optional(
    z
      .string()
      .check(z.regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a BCP 47 tag like ko')),
  ),
});

/** Letters, digits, `_` and `-`: it is one level of an MQTT topic. */
export const DeviceId = z
  .string()
  .check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1–64 letters, digits, _ or -'));

export const MAX_METRICS_PER_READING = 100;
const meterName = z
  .string()
  .check(z.regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/, 'must be a name like temperature_c'));
/** Beyond this a decimal sum of many readings would leave DynamoDB's 38 digits. */
const measured = z.number().check(z.gte(-1e15), z.lte(1e15));

const atMost = <T extends object>(most: number) =>
  z.refine<T>((value) => Object.keys(value).length <= most, `must hold at most ${most} names`);

/** name → measured value. */
export const Metrics = z.record(meterName, measured).check(atMost(MAX_METRICS_PER_READING));
/** name → quantity used since the last reading. */
export const Usage = z
  .record(meterName, measured.check(z.gte(0)))
  .check(atMost(MAX_METRICS_PER_READING));

/** One reading of a device. */
export const TelemetryData = z.object({
  deviceId: DeviceId,
  metrics: Metrics,
  usage: z.optional(Usage),
});
