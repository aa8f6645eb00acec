import { TransientError } from '@millrace/middleware';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { documentItemFrom, documentOrder } from '../../../src/pipelines/documents/document-item.ts';
import { indexDocument } from '../../../src/pipelines/documents/index-document.ts';
import { documentEvent, memoryStores } from './documents.ts';

const AT = '2026-11-23T09:00:00Z';
const LATER = '2026-11-23T09:00:01Z';

describe('the order of events', () => {
  test.each([
    ['2026-11-23T09:00:00Z', '2026-11-23T09:00:00.001Z'],
    ['2026-11-23T09:00:00.000000001Z', '2026-11-23T09:00:00.000000002Z'],
    ['2026-11-23T18:00:00+09:00', '2026-11-23T09:00:00.5Z'],
    ['0001-01-01T00:00:00Z', '1969-12-31T23:59:59.9Z'],
    ['1969-12-31T23:59:59.9Z', '1970-01-01T00:00:00Z'],
    ['2026-11-23T09:00:00Z', '9999-12-31T23:59:59.999Z'],
  ])('%s comes before %s', (one, other) => {
    const orders = [one, other].map((time) => documentOrder(documentEvent('1', time)));
    expect(orders.toSorted()).toEqual(orders);
    expect(new Set(orders.map(({ length }) => length))).toEqual(new Set([42]));
  });

  test('two events of one moment have one, whatever their offset', () => {
    const one = documentOrder(documentEvent('1', '2026-11-23T09:00:00Z'));
    expect(documentOrder(documentEvent('1', '2026-11-23T18:00:00+09:00'))).toBe(one);
    expect(documentOrder(documentEvent('2', '2026-11-23T09:00:00Z'))).not.toBe(one);
  });
});

test('a document is written, changed and deleted', async () => {
  const stores = memoryStores();
  const event = documentEvent('1', AT, {
    text: '물레방아',
    lang: 'ko-KR',
    url: 'https://a.example',
  });
  expect(await indexDocument(event, 'acme', stores)).toBe('written');
  expect([...stores.items.values()]).toEqual([documentItemFrom(event, 'acme')]);
  expect(stores.items.get('["acme","d1"]')).toMatchObject({ language: 'ko', text: '물레방아' });
  expect(await indexDocument(event, 'acme', stores)).toBe('unchanged');

  expect(await indexDocument(documentEvent('2', LATER), 'acme', stores)).toBe('written');
  expect([...stores.entries.values()]).toEqual(['["title 2","text 2"]']);
  expect(await indexDocument(event, 'acme', stores)).toBe('unchanged');
  expect([...stores.entries.values()]).toEqual(['["title 2","text 2"]']);

  const end = documentEvent('3', '2026-11-23T09:00:02Z', { deleted: true });
  expect(await indexDocument(end, 'acme', stores)).toBe('deleted');
  expect(await indexDocument(documentEvent('2', LATER), 'acme', stores)).toBe('unchanged');
  expect(stores.entries.size).toBe(0);
  // 400 days for late events, and 14 for their delivery.
  const expiresAt = Date.parse('2026-11-23T09:00:02Z') / 1000 + (400 + 14) * 86_400;
  expect(stores.items.get('["acme","d1"]')).toMatchObject({ deleted: true, expiresAt });
});

test('another tenant has its own document of the same id', async () => {
  const stores = memoryStores();
  await indexDocument(documentEvent('1', AT), 'acme', stores);
  await indexDocument(documentEvent('2', LATER, { deleted: true }), 'umbrella', stores);
  expect(stores.items.get('["acme","d1"]')).toMatchObject({ title: 'title 1' });
  expect(stores.entries.size).toBe(1);
});

const histories = fc
  .uniqueArray(
    fc.record({
      id: fc.integer({ min: 0, max: 20 }),
      second: fc.integer({ min: 0, max: 4 }),
      document: fc.constantFrom('d1', 'd2'),
      deleted: fc.boolean(),
    }),
    { minLength: 1, maxLength: 10, selector: ({ id }) => id },
  )
  .map((all) =>
    all.map(({ id, second, document, deleted }) =>
      documentEvent(String(id), `2026-11-23T09:00:0${second}Z`, {
        documentId: document,
        ...(deleted && { deleted: true }),
      }),
    ),
  );

/** What must be left, told plainly: of each document the last by its order. */
function expectNewest(
  events: readonly ReturnType<typeof documentEvent>[],
  { items, entries }: ReturnType<typeof memoryStores>,
) {
  const newest = [...Map.groupBy(events, ({ data }) => data.documentId).values()].map(
    (all) =>
      all.toSorted((a, b) => (documentOrder(a) < documentOrder(b) ? -1 : 1)).at(-1) ??
      expect.fail(),
  );
  expect(new Set(items.values())).toEqual(
    new Set(newest.map((event) => documentItemFrom(event, 'acme'))),
  );
  expect([...entries.values()].sort()).toEqual(
    newest
      .filter(({ data }) => !data.deleted)
      .map(({ data }) => JSON.stringify([data.title, data.text]))
      .sort(),
  );
}

test('in any order, repeated, and with deaths between any two requests, the newest is left', () =>
  fc.assert(
    fc.asyncProperty(
      histories,
      fc.infiniteStream(fc.integer({ min: 0, max: 99 })),
      async (events, dice) => {
        const roll = () => dice.next().value ?? 0;
        const stores = memoryStores(() => {
          if (roll() < 15) throw new TransientError('killed', 'in between');
        });
        const waiting = [...events, ...events];
        for (let rounds = 0; waiting.length > 0 && rounds < 3_000; rounds += 1) {
          const at = roll() % waiting.length;
          const event = waiting[at] ?? expect.fail();
          try {
            await indexDocument(event, 'acme', stores);
            waiting.splice(at, 1);
          } catch (error) {
            if (!(error instanceof TransientError)) throw error;
          }
        }
        expect(waiting).toEqual([]);
        expectNewest(events, stores);
      },
    ),
  ));

test('writers at once end with the newest', () =>
  fc.assert(
    fc.asyncProperty(histories, fc.scheduler(), async (events, scheduler) => {
      const stores = memoryStores(() => scheduler.schedule(Promise.resolve()));
      const all = Promise.all(events.map((event) => indexDocument(event, 'acme', stores)));
      await scheduler.waitFor(all);
      expectNewest(events, stores);
    }),
  ));
