import type { Seeded } from '../../../services/stream-analytics/tests/known-answers/seeded.ts';

/** Which function refuses a record, and with which code. */
export type Refusal = readonly [functionKey: string, code: string];

interface Poison {
  readonly data: string;
  readonly refusals: readonly Refusal[];
}

const everybody = (code: string): readonly Refusal[] => [
  ['countEvents', code],
  ['archiveEvents', code],
];

const envelope = (id: string, type: string, data: object, time = new Date().toISOString()) =>
  JSON.stringify({ specversion: '1.0', id, source: '/soak/poison', type, time, data });

const click = { visitorId: 'v', url: '/' };
const order = { orderId: 'poison', customerId: 'c', status: 'placed', currency: 'EUR', lines: [] };

/** Records that nobody can ever process, by kind. */
const KINDS: Readonly<Record<string, (id: string) => Poison>> = {
  'not-json': (id) => ({ data: `{"half": "${id}`, refusals: everybody('event_not_json') }),
  'no-event': (id) => ({ data: `{"hello": "${id}"}`, refusals: everybody('event_invalid') }),
  'unknown-type': (id) => ({
    data: envelope(id, 'millrace.click.v9', click),
    refusals: everybody('event_invalid'),
  }),
  'negative-usage': (id) => ({
    data: envelope(id, 'millrace.telemetry.v1', {
      deviceId: 'd1',
      metrics: {},
      usage: { kwh: -1 },
    }),
    refusals: everybody('event_invalid'),
  }),
  'bad-order': (id) => ({
    data: envelope(id, 'millrace.order.v1', order),
    refusals: [...everybody('event_invalid'), ['projectOrders', 'event_invalid']],
  }),
  'bad-document': (id) => ({
    data: envelope(id, 'millrace.document.v1', { documentId: 'poison' }),
    refusals: [...everybody('event_invalid'), ['indexDocuments', 'event_invalid']],
  }),
  'of-1970': (id) => ({
    data: envelope(id, 'millrace.click.v1', click, '1970-01-01T00:00:00Z'),
    refusals: everybody('event_time_out_of_range'),
  }),
  'of-2999': (id) => ({
    data: envelope(
      id,
      'millrace.document.v1',
      { documentId: 'poison', deleted: true },
      '2999-01-01T00:00:00Z',
    ),
    refusals: [
      ...everybody('event_time_out_of_range'),
      ['indexDocuments', 'event_time_out_of_range'],
    ],
  }),
};
const NAMES = Object.keys(KINDS);
/** Partition keys of poison say which kind it is. */
const PREFIX = 'poison/';

export function makePoison(chance: Seeded, nth: number): { key: string; data: string } {
  const kind = chance.pick(NAMES);
  const { data } = poisonOf(kind, `p${nth}`);
  return { key: `${PREFIX}${kind}/${nth}`, data };
}

/** Undefined where the record is no poison. @param key the partition key */
export function refusalsOf(key: string): readonly Refusal[] | undefined {
  if (!key.startsWith(PREFIX)) return undefined;
  return poisonOf(key.split('/')[1] ?? '', '').refusals;
}

function poisonOf(kind: string, id: string): Poison {
  const make = KINDS[kind];
  if (!make) throw new RangeError(`There is no poison ${kind}.`);
  return make(id);
}
