import type { Rule } from '../../rule.ts';
import { same } from '../expectations.ts';
import { openRule, publish } from './rule-scene.ts';

const FUNCTIONS = 'https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html';
const OPERATORS = 'https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-operators.html';
const REFERENCE = 'https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-reference.html';
const SILENCE_MS = 1_500;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A rule about what `SELECT select` makes of one payload; topics have two levels, `…/telemetry`. */
function selects(
  id: string,
  title: string,
  page: string,
  select: string,
  payload: unknown,
  expected: Record<string, unknown>,
): Rule {
  return {
    ...{ id: `iot/${id}`, title, page },
    async run(stage) {
      const { topic, events } = await openRule(stage, select);
      await publish(stage, topic, JSON.stringify(payload));
      same(await events(1), [expected], 'the event');
    },
  };
}

/** A rule about which of two payloads WHERE lets through; each has a `n` to know it by. */
function where(
  id: string,
  title: string,
  condition: string,
  through: Record<string, unknown>,
  kept: Record<string, unknown>,
): Rule {
  return {
    ...{ id: `iot/where-${id}`, title, page: OPERATORS },
    async run(stage) {
      const { topic, performer, events } = await openRule(
        stage,
        (source) => `SELECT n FROM '${source}' WHERE ${condition}`,
      );
      await publish(stage, topic, JSON.stringify({ n: 'kept', ...kept }));
      await publish(stage, topic, JSON.stringify({ n: 'through', ...through }));
      same(await events(1), [{ n: 'through' }], 'the first event');
      await stage.rest(SILENCE_MS);
      same(performer.calls().length, 1, 'events');
    },
  };
}

export const sqlRules: readonly Rule[] = [
  selects(
    'select-star-passes-the-message',
    'SELECT * passes the JSON message as it is',
    REFERENCE,
    '*',
    { a: 1, nested: { b: ['두', null, true] } },
    { a: 1, nested: { b: ['두', null, true] } },
  ),
  selects(
    'select-names-nested-fields',
    'A nested field is selected by its path and takes the last name, or the name after AS',
    REFERENCE,
    'device.id, device.place.city AS city',
    { device: { id: 'd1', place: { city: '서울' } } },
    { id: 'd1', city: '서울' },
  ),
  {
    id: 'iot/columns-are-added-to-the-message',
    title: 'SELECT *, topic(2) AS type, timestamp() AS receivedAt adds to the message',
    page: REFERENCE,
    async run(stage) {
      const { topic, events } = await openRule(stage, '*, topic(2) AS type, timestamp() AS at');
      await publish(stage, topic, '{"a":1}');
      const [event] = (await events(1)) as Record<string, unknown>[];
      const { at, ...rest } = event ?? {};
      same(rest, { a: 1, type: 'telemetry' }, 'the event without its instant');
      same(Number.isInteger(at) && Number(at) > 1.6e12, true, `${at} is in milliseconds`);
    },
  },
  {
    id: 'iot/topic-gives-the-topic-and-its-levels',
    title: 'topic() is the topic, topic(n) its level counted from 1',
    page: FUNCTIONS,
    async run(stage) {
      const { topic, events } = await openRule(stage, 'topic() AS whole, topic(1) AS first');
      await publish(stage, topic, '{}');
      const [first] = topic.split('/');
      same(await events(1), [{ whole: topic, first }], 'the event');
    },
  },
  {
    id: 'iot/clientid-of-a-message-by-http-is-n-a',
    title: 'clientid() of a message that did not come over MQTT is n/a',
    page: FUNCTIONS,
    async run(stage) {
      const { topic, events } = await openRule(stage, 'clientid() AS client');
      await publish(stage, topic, '{}');
      const [event] = (await events(1)) as { client?: string }[];
      same(event?.client?.toLowerCase(), 'n/a', 'the client id in lower case');
    },
  },
  {
    id: 'iot/traceid-is-a-uuid',
    title: 'traceid() is the UUID of the message’s trace',
    page: FUNCTIONS,
    async run(stage) {
      const { topic, events } = await openRule(stage, 'traceid() AS trace');
      await publish(stage, topic, '{}');
      const [event] = (await events(1)) as { trace?: string }[];
      same(UUID.test(event?.trace ?? ''), true, `${event?.trace} is a UUID`);
    },
  },
  {
    id: 'iot/encode-takes-binary-payloads',
    title: "encode(*, 'base64') passes a binary payload",
    page: 'https://docs.aws.amazon.com/iot/latest/developerguide/binary-payloads.html',
    async run(stage) {
      const { topic, events } = await openRule(stage, "encode(*, 'base64') AS data");
      const bytes = Buffer.from([0, 255, 128, 10]);
      await publish(stage, topic, bytes);
      same(await events(1), [{ data: bytes.toString('base64') }], 'the event');
    },
  },
  selects(
    'decode-reads-base64',
    "decode(value, 'base64') is the text behind it",
    FUNCTIONS,
    "decode(data, 'base64') AS text",
    { data: Buffer.from('스물하나').toString('base64') },
    { text: '스물하나' },
  ),
  selects(
    'cast-converts',
    'cast(value AS type) converts between strings, numbers and booleans',
    FUNCTIONS,
    'cast(text AS Decimal) AS number, cast(n AS String) AS string, cast(yes AS Boolean) AS flag',
    { text: '21.5', n: 7, yes: 'true' },
    { number: 21.5, string: '7', flag: true },
  ),
  selects(
    'arithmetic',
    'Arithmetic keeps its precedence: + - * / and %',
    OPERATORS,
    'a + b * 2 AS sum, (a + b) * 2 AS product, a - 1 AS less, b / 2 AS half, 7 % b AS rest',
    { a: 3, b: 4 },
    { sum: 11, product: 14, less: 2, half: 2, rest: 3 },
  ),
  selects(
    'plus-joins-strings',
    'A + with a string joins',
    OPERATORS,
    "'device-' + id AS name",
    { id: 'd1' },
    { name: 'device-d1' },
  ),
  selects(
    'a-missing-field-is-left-out',
    'A field that the message lacks is Undefined and left out of the result',
    'https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-data-types.html',
    'a, missing',
    { a: 1 },
    { a: 1 },
  ),
  where(
    'compares-numbers',
    'WHERE compares numbers',
    'metrics.t >= 21.5',
    { metrics: { t: 21.5 } },
    { metrics: { t: 21.4 } },
  ),
  where(
    'compares-strings',
    'WHERE compares strings',
    "kind = 'alarm'",
    { kind: 'alarm' },
    { kind: 'Alarm' },
  ),
  where('and', 'WHERE … AND … needs both', 'a = 1 AND b <> 2', { a: 1, b: 1 }, { a: 1, b: 2 }),
  where('or', 'WHERE … OR … needs one', 'a = 1 OR b = 1', { a: 2, b: 1 }, { a: 2, b: 2 }),
  where('not', 'WHERE NOT … turns it round', 'NOT (a > 1)', { a: 1 }, { a: 2 }),
  where(
    'a-missing-field',
    'WHERE over a field that is missing does not hold',
    'a > 1',
    { a: 2 },
    {},
  ),
  {
    id: 'iot/wildcards-in-the-topic-filter',
    title: 'In FROM a + stands for one level, a # for all that follow',
    page: 'https://docs.aws.amazon.com/iot/latest/developerguide/topics.html',
    async run(stage) {
      const base = stage.name('base');
      const one = await openRule(stage, () => `SELECT topic() AS t FROM '${base}/+/x'`);
      const all = await openRule(stage, () => `SELECT topic() AS t FROM '${base}/#'`);
      for (const path of ['a/x', 'a/b/x', 'a/y']) await publish(stage, `${base}/${path}`, '{}');
      const topicsOf = (events: unknown[]) => events.map((event) => (event as { t: string }).t);
      const every = topicsOf(await all.events(3)).toSorted();
      same(every, [`${base}/a/b/x`, `${base}/a/x`, `${base}/a/y`], 'what # matches');
      same(topicsOf(await one.events(1)), [`${base}/a/x`], 'what + matches');
    },
  },
];
