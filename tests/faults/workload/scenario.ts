import { LOG_LEVELS, type MillraceEvent, type OrderStatus } from '@millrace/types';
import fc from 'fast-check';
import { type Trouble, trouble } from './plan.ts';

/** What is sent in one run. Ids are made unique by the tenant, which is the run's own. */
export interface Scenario extends Trouble {
  /** Requests of POST /events, one after the other: entries are places in `events`, or invalid ones. */
  readonly events: readonly MillraceEvent[];
  readonly requests: readonly (readonly (number | 'invalid')[])[];
  /** Records that a trusted producer puts on the stream by itself. */
  readonly strays: readonly Stray[];
  readonly orders: readonly OrderStory[];
  readonly uploads: readonly UploadStory[];
  readonly devices: readonly DeviceStory[];
  readonly registry: RegistryStory;
  readonly documents: readonly DocumentStory[];
}

export type Stray =
  | { readonly kind: Poison; readonly nonce: number }
  /** An event of `events` again, by another way. */
  | { readonly kind: 'again'; readonly event: number }
  /** A reading of so many metrics: more than one transaction holds. */
  | { readonly kind: 'large-reading'; readonly nonce: number; readonly size: number };

const POISON = ['not-json', 'no-event', 'bad-order', 'bad-document'] as const;
type Poison = (typeof POISON)[number];

export interface OrderStory {
  readonly lines: readonly { sku: string; quantity: number; unitPrice: number }[];
  readonly currency: string;
  /** How many clients place it at the same time with the same Idempotency-Key. */
  readonly placedBy: number;
  /** The key comes again with another body. */
  readonly keyReused: boolean;
  /** Placed by an event of a partner instead of by the API. */
  readonly partner: boolean;
  readonly steps: readonly OrderStatus[];
}

const CONTENTS: readonly Content[] = [
  ...(['small', 'small', 'wide', 'text', 'cut', 'empty', 'table', 'log', 'document'] as const),
];

export type Content = 'small' | 'wide' | 'text' | 'cut' | 'empty' | 'table' | 'log' | 'document';

export interface UploadStory {
  readonly name: string;
  /** Announced through the API, or put into the bucket by somebody who may. */
  readonly announced: boolean;
  readonly versions: readonly Content[];
  readonly removed: boolean;
  /** Another object claims the same file id: it can never be processed. */
  readonly impostor: boolean;
}

export interface DeviceStory {
  readonly registered: boolean;
  readonly readings: readonly {
    readonly metrics: Readonly<Record<string, number>>;
    readonly usage: Readonly<Record<string, number>>;
    readonly times: number;
  }[];
  readonly garbage: readonly string[];
  readonly overHttp: boolean;
}

/** Changes of the table `devices` that somebody makes by hand. */
export interface RegistryStory {
  readonly renamed: number;
  readonly removed: boolean;
  /** Items that are no devices: the lake refuses each of their changes. */
  readonly strangers: number;
}

/** What documents of the scenario are about: each a word as it is written, and as it is looked for. */
export const WORDS = [
  { written: '결제를', lookedFor: '결제', term: '결제' },
  { written: '카드로', lookedFor: '카드', term: '카드' },
  { written: 'mills', lookedFor: 'mill', term: 'mill' },
  { written: 'turning', lookedFor: 'turns', term: 'turn' },
] as const;

/** A document, whose states come in any order, again, by the API or by other shards. */
export interface DocumentStory {
  readonly states: readonly {
    /** Of event time; states of one second have an order, too. */
    readonly second: number;
    readonly deleted: boolean;
    /** Places in `WORDS`. */
    readonly title: readonly number[];
    readonly text: readonly number[];
  }[];
  readonly sent: readonly { readonly state: number; readonly way: 'api' | 'key' | 'elsewhere' }[];
}

const thousandths = (min: number, max: number) =>
  fc.integer({ min: min * 1000, max: max * 1000 }).map((value) => value / 1000);

const body = fc.oneof(
  fc.record({
    type: fc.constant('millrace.activity.v1'),
    data: fc.record({
      name: fc.constantFrom('signed_in', 'searched'),
      userId: fc.constantFrom('u1', 'u2', 'u3'),
    }),
  }),
  fc.record({
    type: fc.constant('millrace.click.v1'),
    data: fc.record(
      {
        visitorId: fc.constantFrom('v1', 'v2'),
        url: fc.constant('/'),
        action: fc.constantFrom('view', 'click'),
      },
      { requiredKeys: ['visitorId', 'url'] },
    ),
  }),
  fc.record({
    type: fc.constant('millrace.log.v1'),
    data: fc.record({
      service: fc.constantFrom('shop', '결제'),
      level: fc.constantFrom(...LOG_LEVELS),
      message: fc.constant('m'),
    }),
  }),
  fc.record({
    type: fc.constant('millrace.post.v1'),
    data: fc.record(
      { author: fc.constant('a1'), text: fc.constant('t'), lang: fc.constantFrom('ko', 'en') },
      { requiredKeys: ['author', 'text'] },
    ),
  }),
);

const events = fc
  .array(
    fc.record({
      body,
      time: fc.constantFrom(
        '2026-11-23T09:41:00Z',
        '2026-11-23T09:41:59.999Z',
        '2026-11-23T18:41:30+09:00',
        '2026-11-23T09:42:00Z',
      ),
    }),
    { minLength: 1, maxLength: 25, size: 'max' },
  )
  .map((drawn) =>
    drawn.map(
      // The generators follow the schema; the API checks it.
      (one, at) =>
        ({
          specversion: '1.0',
          id: `e${at}`,
          source: '/app',
          time: one.time,
          ...one.body,
        }) as MillraceEvent,
    ),
  );

/** Every event at least once, some again, some nonsense between. */
const requestsOf = (count: number) =>
  fc
    .tuple(
      fc.shuffledSubarray([...Array(count).keys()], { minLength: count }),
      fc.array(fc.oneof(fc.nat({ max: count - 1 }), fc.constant('invalid' as const)), {
        maxLength: 6,
      }),
      fc.integer({ min: 1, max: 3 }),
    )
    .map(([all, more, parts]) => {
      const entries: (number | 'invalid')[] = [...all, ...more];
      const size = Math.ceil(entries.length / parts);
      return Array.from({ length: parts }, (_, at) => entries.slice(at * size, (at + 1) * size));
    })
    .map((requests) => requests.filter((entries) => entries.length > 0));

const straysOf = (count: number) =>
  fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constantFrom(...POISON),
        nonce: fc.nat({ max: 1_000_000 }),
      }),
      fc.record({ kind: fc.constant('again' as const), event: fc.nat({ max: count - 1 }) }),
      fc.record({
        kind: fc.constant('large-reading' as const),
        nonce: fc.nat({ max: 1_000_000 }),
        size: fc.constantFrom(3, 60),
      }),
    ),
    { maxLength: 4 },
  );

const steps: fc.Arbitrary<OrderStatus[]> = fc.oneof(
  fc.shuffledSubarray<OrderStatus>(['paid', 'shipped', 'delivered']),
  fc.constantFrom<OrderStatus[]>(
    ['cancelled'],
    ['paid', 'cancelled'],
    ['shipped', 'cancelled'],
    ['delivered', 'paid', 'cancelled'],
  ),
);

const order: fc.Arbitrary<OrderStory> = fc.record({
  lines: fc.array(
    fc.record({
      sku: fc.constantFrom('s1', 's2'),
      quantity: fc.integer({ min: 1, max: 1_000 }),
      unitPrice: fc.integer({ min: 0, max: 1_000_000 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  currency: fc.constantFrom('KRW', 'EUR'),
  placedBy: fc.integer({ min: 1, max: 3 }),
  keyReused: fc.boolean(),
  partner: fc.boolean(),
  steps,
});

const upload: fc.Arbitrary<UploadStory> = fc.record({
  name: fc.constantFrom('cat.png', '사진 #1 (50%)+.jpg', 'a b.txt'),
  announced: fc.boolean(),
  versions: fc.array(fc.constantFrom<Content>(...CONTENTS), {
    minLength: 1,
    maxLength: 2,
  }),
  removed: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.boolean()),
  impostor: fc.oneof({ weight: 7, arbitrary: fc.constant(false) }, fc.boolean()),
});

const values = (prefix: string, min: number, max: number) =>
  fc
    .array(thousandths(min, max), { maxLength: 3 })
    .map((drawn) => Object.fromEntries(drawn.map((value, at) => [`${prefix}${at}`, value])));

const device: fc.Arbitrary<DeviceStory> = fc.record({
  registered: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.boolean()),
  readings: fc.array(
    fc.record({
      metrics: values('m', -1_000, 1_000),
      usage: values('u', 0, 1_000),
      times: fc.integer({ min: 1, max: 2 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  garbage: fc.array(fc.constantFrom('not json', '{"time":1}', '[]'), { maxLength: 2 }),
  overHttp: fc.boolean(),
});

const words = fc.subarray([...WORDS.keys()]);

const document: fc.Arbitrary<DocumentStory> = fc
  .array(
    fc.record({
      second: fc.nat({ max: 2 }),
      deleted: fc.oneof({ weight: 2, arbitrary: fc.constant(false) }, fc.constant(true)),
      title: words,
      text: words,
    }),
    { minLength: 1, maxLength: 4 },
  )
  .chain((states) => {
    const all = [...states.keys()];
    return fc.record({
      states: fc.constant(states),
      sent: fc
        .tuple(
          fc.shuffledSubarray(all, { minLength: all.length }),
          fc.array(fc.constantFrom(...all), { maxLength: 4 }),
        )
        .chain(([once, again]) =>
          fc.tuple(
            ...[...once, ...again].map((state) =>
              fc.record({
                state: fc.constant(state),
                way: fc.constantFrom('api' as const, 'key' as const, 'elsewhere' as const),
              }),
            ),
          ),
        ),
    });
  });

const scenario: fc.Arbitrary<Scenario> = events.chain((drawn) =>
  fc
    .tuple(
      trouble,
      fc.record({
        events: fc.constant(drawn),
        requests: requestsOf(drawn.length),
        strays: straysOf(drawn.length),
        orders: fc.array(order, { minLength: 1, maxLength: 2 }),
        uploads: fc.array(upload, { minLength: 1, maxLength: 2 }),
        devices: fc.array(device, { minLength: 1, maxLength: 2 }),
        registry: fc.record({
          renamed: fc.nat({ max: 3 }),
          removed: fc.boolean(),
          strangers: fc.nat({ max: 2 }),
        }),
        documents: fc.array(document, { minLength: 1, maxLength: 3 }),
      }),
    )
    .map(([ill, sent]) => ({ ...ill, ...sent })),
);

/** The same seed gives the same scenario. */
export function scenarioOf(seed: number): Scenario {
  // Bias belongs to long series, whose first draws it makes small: here every draw is a first one.
  const [drawn] = fc.sample(fc.noBias(scenario), { seed, numRuns: 1 });
  if (!drawn) throw new Error('Nothing was drawn.');
  return drawn;
}
