import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { objectKey } from '../src/domain/object-key.ts';
import { column, definePipeline } from '../src/domain/pipeline.ts';
import { documents } from '../src/domain/pipelines/documents.ts';
import { orders } from '../src/domain/pipelines/orders.ts';
import { change, orderImage } from './changes.ts';

const insert = change(0, orderImage('o-1', 12_345));

describe('a change of an order', () => {
  it('becomes a row with typed columns and the whole images', () => {
    const transformed = orders.transform(insert);
    expect(transformed).toMatchObject({
      kind: 'row',
      row: {
        change_id: 'event-000000',
        op: 'INSERT',
        expired: false,
        sequence: '900000000000000000000'.padStart(40, '0'),
        changed_at: new Date('2026-11-23T23:59:41Z'),
        tenant: 'acme',
        order_id: 'o-1',
        status: 'placed',
        total: 12_345n,
        line_count: 1n,
        old_image: null,
      },
    });
  });

  it('has the last state of an order that was removed', () => {
    const removal = change(1, undefined, orderImage('o-1', 7, 'cancelled'));
    expect(orders.transform(removal)).toMatchObject({
      row: { op: 'REMOVE', status: 'cancelled', total: 7n, new_image: null },
    });
  });

  it('is a removal also of an order that was wrong at last, with its key and its images', () => {
    const broken = { ...orderImage('o-1', 7), total: { S: 'two' } };
    expect(orders.transform(change(1, undefined, broken))).toMatchObject({
      kind: 'row',
      row: {
        ...{ op: 'REMOVE', tenant: 'acme', order_id: 'o-1', status: null, total: null },
        ...{ new_image: null, old_image: expect.stringContaining('two') },
      },
    });
  });

  it('is rejected with the places that are wrong, without their values', () => {
    const image = { ...orderImage('o-1', 1), total: { S: 'secret' }, status: { S: 'lost' } };
    const transformed = orders.transform(change(2, image));
    expect(transformed.kind).toBe('invalid');
    expect(JSON.stringify(transformed)).toContain('/total');
    expect(JSON.stringify(transformed)).toContain('/status');
    expect(JSON.stringify(transformed)).not.toContain('secret');
  });

  it('is rejected rather than rounded when an integer is beyond double precision', () => {
    const image = { ...orderImage('o-1', 1), total: { N: '9007199254740993' } };
    expect(orders.transform(change(3, image)).kind).toBe('invalid');
  });
});

describe('a change of a document', () => {
  const keys = { tenant: { S: 'acme' }, documentId: { S: 'wiki:mill' } };
  const base = { ...keys, order: { S: '0A' }, updatedAt: { S: '2026-11-23T09:00:00.000Z' } };
  const whole = { ...base, title: { S: '물레방아' }, text: { S: '' }, language: { S: 'ko' } };
  const end = { ...base, order: { S: '0B' }, deleted: { BOOL: true }, expiresAt: { N: '1' } };

  it('becomes a row, the end of the document too', () => {
    expect(documents.transform({ ...insert, keys, newImage: whole })).toMatchObject({
      row: {
        ...{ tenant: 'acme', document_id: 'wiki:mill', event_order: '0A', deleted: false },
        ...{ title: '물레방아', language: 'ko', url: null, version: null },
        updated_at: new Date('2026-11-23T09:00:00Z'),
      },
    });
    const ended = { ...insert, op: 'MODIFY' as const, keys, newImage: end, oldImage: whole };
    expect(documents.transform(ended)).toMatchObject({
      row: { op: 'MODIFY', event_order: '0B', deleted: true, title: null },
    });
  });

  it('is rejected where it says no order', () => {
    const { order: _order, ...image } = whole;
    const rejected = documents.transform({ ...insert, keys, newImage: image });
    expect(rejected).toMatchObject({
      kind: 'invalid',
      violations: expect.stringContaining('/order'),
    });
  });
});

describe('a pipeline that accepts some items', () => {
  const Item = z.looseObject({ orderId: z.string(), status: z.string() });
  const placedOnly = definePipeline({
    table: 'orders',
    item: Item,
    key: { order_id: 'orderId' },
    accepts: ({ status }) => status === 'placed',
    columns: {
      order_id: column('string', (item: z.infer<typeof Item>) => item.orderId),
      status: column('string', (item: z.infer<typeof Item>) => item.status),
    },
  });
  const [placed, paid] = [orderImage('o-1', 1), orderImage('o-1', 1, 'paid')];

  it('leaves out what it does not accept', () => {
    expect(placedOnly.transform(insert).kind).toBe('row');
    expect(placedOnly.transform(change(1, paid))).toEqual({ kind: 'filtered' });
    expect(placedOnly.transform(change(1, paid, paid))).toEqual({ kind: 'filtered' });
    expect(placedOnly.transform(change(1, undefined, paid))).toEqual({ kind: 'filtered' });
  });

  it('says of an item that it accepts no more that it leaves, with its last state', () => {
    expect(placedOnly.transform(change(1, paid, placed))).toMatchObject({
      kind: 'row',
      row: { op: 'LEAVE', status: 'placed', old_image: expect.stringContaining('placed') },
    });
    expect(placedOnly.transform(change(2, placed, paid))).toMatchObject({ row: { op: 'MODIFY' } });
  });

  it('says the same of an item that was wrong just before: an older state of it may be there', () => {
    const broken = { ...placed, status: { N: '1' } };
    expect(placedOnly.transform(change(1, paid, broken))).toMatchObject({
      row: { op: 'LEAVE', order_id: 'o-1', status: null },
    });
  });
});

describe('the object of a change', () => {
  it('is named by the UTC minute in which the table took it', () => {
    expect(objectKey(orders, insert)).toBe('changes/table=orders/dt=2026-11-23/2359-0.parquet');
    const later = change(3, orderImage('o-1', 1));
    expect(objectKey(orders, later)).toBe('changes/table=orders/dt=2026-11-24/0000-0.parquet');
  });

  it('keeps an item in one lane and uses all of them', () => {
    const wide = { ...orders, grid: { seconds: 10, lanes: 4 } };
    const keys = Array.from({ length: 64 }, (_, n) =>
      objectKey(wide, { ...insert, keys: { orderId: { S: `o-${n}` } } }),
    );
    expect(new Set(keys).size).toBe(4);
    expect(objectKey(wide, insert)).toBe(objectKey(wide, { ...insert, op: 'MODIFY' }));
    expect(keys[0]).toMatch(/\/235940-[0-3]\.parquet$/);
  });
});
