import fc from 'fast-check';
import { LOG_LEVELS, ORDER_STATUSES } from '../src/index.ts';

const text = (maxLength: number, minLength = 1) =>
  fc.string({ unit: 'binary', minLength, maxLength: Math.min(maxLength, 40) });
const meter = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,20}$/);
const documentId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._~:@+=-]{0,40}$/);
const measured = (min: number) => fc.double({ min, max: 1e15, noNaN: true }).map((n) => n + 0);
const optional = <T>(arbitrary: fc.Arbitrary<T>, name: string) =>
  fc.option(
    arbitrary.map((value) => ({ [name]: value })),
    { nil: {} },
  );

const data = {
  activity: fc.record({ name: text(128), userId: text(256) }),
  click: fc
    .tuple(fc.record({ visitorId: text(256), url: text(4096) }), optional(text(99, 0), 'referrer'))
    .map(([must, may]) => ({ ...must, ...may })),
  order: fc.record({
    orderId: text(128),
    customerId: text(256),
    status: fc.constantFrom(...ORDER_STATUSES),
    currency: fc.stringMatching(/^[A-Z]{3}$/),
    lines: fc.array(
      fc.record({
        sku: text(128),
        quantity: fc.integer({ min: 1, max: 1000 }),
        unitPrice: fc.integer({ min: 0, max: 1_000_000 }),
      }),
      { minLength: 1, maxLength: 5 },
    ),
  }),
  log: fc.record({
    service: text(128),
    level: fc.constantFrom(...LOG_LEVELS),
    message: text(1000, 0),
  }),
  post: fc.record({ author: text(256), text: text(1000, 0) }),
  document: fc.oneof(
    fc
      .tuple(
        fc.record({ documentId, title: text(512), text: text(1000, 0) }),
        optional(text(128), 'version'),
      )
      .map(([must, may]) => ({ ...must, ...may })),
    fc.record({ documentId, deleted: fc.constant(true) }),
  ),
  telemetry: fc
    .tuple(
      fc.record({
        deviceId: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
        metrics: fc.dictionary(meter, measured(-1e15), { noNullPrototype: true }),
      }),
      optional(fc.dictionary(meter, measured(0), { noNullPrototype: true }), 'usage'),
    )
    .map(([must, may]) => ({ ...must, ...may })),
};

/** Valid events of every type, as plain JSON. */
export const arbitraryEvents = fc.oneof(
  ...Object.entries(data).map(([name, arbitrary]) =>
    fc.record({
      specversion: fc.constant('1.0'),
      id: text(256),
      source: text(1024),
      type: fc.constant(`millrace.${name}.v1`),
      time: fc
        .date({ min: new Date('1970-01-01'), max: new Date('2999-12-31'), noInvalidDate: true })
        .map((date) => date.toISOString()),
      data: arbitrary,
    }),
  ),
);

export const arbitraryTenants = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.:@-]{0,127}$/);
