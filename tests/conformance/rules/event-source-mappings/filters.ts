import { deepEqual } from 'node:assert/strict';
import type { Rule } from '../../rule.ts';
import type { DynamoDbEvent } from '../../stage/tables.ts';
import { pages } from './pages.ts';
import { streamScene } from './stream-scene.ts';

/** What is put into the stream: JSON, or text that is none. */
type Data = Record<string, unknown> | string;

const textOf = (data: Data) => (typeof data === 'string' ? data : JSON.stringify(data));
const criteria = (...patterns: unknown[]) => ({
  Filters: patterns.map((pattern) => ({ Pattern: JSON.stringify(pattern) })),
});

/** Of everything that is put, the function gets what passes, and nothing else. */
function filter(
  name: string,
  title: string,
  patterns: readonly unknown[],
  data: { readonly drops: readonly Data[]; readonly passes: readonly Data[] },
  page: string = pages.filters,
): Rule {
  return {
    id: `event-source-mappings/filter-${name}`,
    title,
    page,
    async run(stage) {
      const passes = data.passes.map(textOf);
      const scene = await streamScene(stage, {
        // What passes comes last: when that has arrived, all else was decided on.
        texts: [...data.drops.map(textOf), ...passes],
        play: () => null,
        mapping: { FilterCriteria: criteria(...patterns) },
      });
      deepEqual((await scene.untilDelivered(passes.at(-1) ?? '')).flat(), passes);
    },
  };
}

/** A filter on the field `f` of the records' JSON. */
const onField = (
  name: string,
  title: string,
  conditions: readonly unknown[],
  drops: readonly unknown[],
  passes: readonly unknown[],
): Rule =>
  filter(name, title, [{ data: { f: conditions } }], {
    drops: [...drops.map((f) => ({ f })), { other: true }],
    passes: passes.map((f) => ({ f })),
  });

/** Of the items that are put, the function gets the changes of those that pass. */
function tableFilter(
  name: string,
  title: string,
  pattern: unknown,
  items: readonly Readonly<Record<string, string | number>>[],
  passes: readonly string[],
): Rule {
  return {
    id: `event-source-mappings/filter-${name}`,
    title,
    page: pages.dynamodbFilters,
    async run(stage) {
      const table = await stage.table();
      for (const item of items) await table.put(item);
      const performer = await stage.function(() => null);
      await stage.map(performer, table.streamArn, { FilterCriteria: criteria(pattern) });
      const changes = await stage.eventually('the last change that passes', () => {
        const records = performer.calls<DynamoDbEvent>().flatMap(({ event }) => event.Records);
        const seen = records.map(
          ({ eventName, dynamodb }) => `${eventName} ${dynamodb.Keys.id?.S}`,
        );
        return seen.includes(passes.at(-1) ?? '') ? seen : undefined;
      });
      deepEqual(changes, passes);
    },
  };
}

export const filters: readonly Rule[] = [
  onField(
    'equals',
    'Filter: exact values, of which one is enough',
    ['a', 7],
    ['b', 'A', '7'],
    [7, 'a'],
  ),
  onField('null', 'Filter: null', [null], ['null', '', 0], [null]),
  onField('empty', 'Filter: the empty string', [''], ['a', null, 0], ['']),
  onField('prefix', 'Filter: prefix', [{ prefix: 'or' }], ['for', 'OR', 7], ['or', 'order']),
  onField('suffix', 'Filter: suffix', [{ suffix: '.png' }], ['.png.', 'a.PNG'], ['a.png', '.png']),
  onField(
    'equals-ignore-case',
    'Filter: equals-ignore-case',
    [{ 'equals-ignore-case': 'Paid' }],
    ['paid ', 'unpaid'],
    ['PAID', 'paid'],
  ),
  // Of records without the field the page says nothing: none is put here.
  filter(
    'anything-but',
    'Filter: anything-but a list of values',
    [{ data: { f: [{ 'anything-but': ['a', 'b'] }] } }],
    { drops: [{ f: 'a' }, { f: 'b' }], passes: [{ f: 'c' }, { f: '' }] },
  ),
  onField(
    'numeric-equals',
    'Filter: a number that is equal',
    [{ numeric: ['=', 100] }],
    [99, '100', 100.5],
    [100],
  ),
  onField(
    'numeric-range',
    'Filter: numbers of a range',
    [{ numeric: ['>', 10, '<=', 20] }],
    [10, 20.5, -15, '15'],
    [10.5, 15, 20],
  ),
  onField('exists', 'Filter: a field exists', [{ exists: true }], [], ['', null, 0]),
  filter('exists-not', 'Filter: a field does not exist', [{ data: { f: [{ exists: false }] } }], {
    drops: [{ f: 1 }, { f: 'a' }],
    passes: [{ other: 1 }, {}],
  }),
  filter(
    'or-of-fields',
    'Filter: $or of several fields',
    [{ data: { $or: [{ a: [1] }, { b: [{ numeric: ['>', 5] }] }] } }],
    { drops: [{ a: 2, b: 5 }, { c: 1 }], passes: [{ a: 1, b: 0 }, { a: 2, b: 6 }, { b: 9 }] },
  ),
  filter(
    'and-of-fields',
    'Filter: all fields of a pattern must match',
    [{ data: { a: [1], b: [2] } }],
    {
      drops: [{ a: 1 }, { b: 2 }, { a: 1, b: 3 }],
      passes: [{ a: 1, b: 2 }],
    },
  ),
  filter(
    'nested',
    'Filter: a pattern looks into nested objects',
    [{ data: { a: { b: { c: [1] } } } }],
    {
      drops: [{ a: { b: { c: 2 } } }, { a: { c: 1 } }],
      passes: [{ a: { b: { c: 1, d: 2 } } }],
    },
  ),
  filter(
    'any-of-several',
    'A record passes that satisfies one of several filters',
    [{ data: { f: ['a'] } }, { data: { f: ['b'] } }],
    { drops: [{ f: 'c' }], passes: [{ f: 'a' }, { f: 'b' }] },
  ),
  filter(
    'drops-data-that-is-no-json',
    'Data that is not JSON is dropped where the pattern is for JSON',
    [{ data: { f: ['a'] } }],
    { drops: ['f a', '{"f":"a"', 'a'], passes: [{ f: 'a' }] },
    pages.kinesisFilters,
  ),
  filter(
    'on-metadata-takes-any-data',
    'A filter on metadata alone takes data of every kind',
    [{ partitionKey: ['key'] }],
    { drops: [], passes: ['no json', { f: 1 }] },
    pages.kinesisFilters,
  ),
  {
    id: 'event-source-mappings/filter-before-batching',
    title: 'Records are filtered before they are batched: batches are full of what passes',
    page: pages.filters,
    async run(stage) {
      const texts = Array.from({ length: 12 }, (_, n) => JSON.stringify({ n, even: n % 2 === 0 }));
      const scene = await streamScene(stage, {
        texts,
        play: () => null,
        mapping: {
          BatchSize: 6,
          MaximumBatchingWindowInSeconds: 20,
          FilterCriteria: criteria({ data: { even: [true] } }),
        },
      });
      deepEqual(await scene.batches(1), [texts.filter((_, n) => n % 2 === 0)]);
    },
  },
  tableFilter(
    'on-the-kind-of-a-change',
    'DynamoDB: a filter on eventName',
    { eventName: ['INSERT'] },
    [{ id: 'a' }, { id: 'a', n: 1 }, { id: 'b' }],
    ['INSERT a', 'INSERT b'],
  ),
  tableFilter(
    'on-a-new-image',
    'DynamoDB: a filter on an attribute of the new image',
    { dynamodb: { NewImage: { state: { S: ['done'] } } } },
    [
      { id: 'a', state: 'open' },
      { id: 'b', state: 'done' },
      { id: 'a', state: 'done' },
    ],
    ['INSERT b', 'MODIFY a'],
  ),
  tableFilter(
    'on-a-key',
    'DynamoDB: a filter on the key',
    { dynamodb: { Keys: { id: { S: [{ prefix: 'order-' }] } } } },
    [{ id: 'user-1' }, { id: 'order-1' }],
    ['INSERT order-1'],
  ),
];
