import type { PermanentError } from '@millrace/middleware';
import { Pool } from 'pg';
import * as z from 'zod/mini';
import { postgresRows } from '../../src/adapters/postgres/postgres-rows.ts';
import { createSqlSession, type SqlSession } from '../../src/adapters/postgres/sql-session.ts';
import { type Image, imageToJson } from '../../src/domain/attribute-value.ts';
import type { Change } from '../../src/domain/change.ts';
import { column, definePipeline } from '../../src/domain/pipeline.ts';
import { type NewestRows, sinkChanges } from '../../src/domain/sql/sink-changes.ts';
import { originalText } from '../../src/domain/sql/storable-text.ts';

const Item = z.looseObject({
  ...{ tenant: z.string(), orderId: z.string(), customerId: z.string() },
  ...{ status: z.string(), total: z.int() },
});
type Item = z.infer<typeof Item>;

/** The pipeline of orders without those that are cancelled, into the same table. */
export const wanted = definePipeline({
  table: 'orders',
  item: Item,
  key: { tenant: 'tenant', order_id: 'orderId' },
  accepts: ({ status }) => status !== 'cancelled',
  sql: true,
  columns: {
    tenant: column('string', (item: Item) => item.tenant),
    order_id: column('string', (item: Item) => item.orderId),
    customer_id: column('string', (item: Item) => item.customerId),
    status: column('string', (item: Item) => item.status),
    total: column('int64', (item: Item) => BigInt(item.total)),
  },
});

export interface Sink {
  readonly session: SqlSession;
  readonly rows: NewestRows;
  readonly pool: Pool;
  readonly rejected: { readonly change: Change; readonly reason: PermanentError }[];
  sink(changes: readonly Change[], rows?: NewestRows): ReturnType<typeof sinkChanges>;
  close(): Promise<void>;
}

/** The sink as its function has it, and a connection beside it for the tests' own questions. */
export function openSink(url: string, pipeline = wanted): Sink {
  const session = createSqlSession(async () => url);
  const rows = postgresRows(session);
  const pool = new Pool({ connectionString: url, max: 1 });
  pool.on('error', () => {});
  const rejected: Sink['rejected'][number][] = [];
  return {
    ...{ session, rows, pool, rejected },
    async sink(changes, into = rows) {
      if (!pipeline.sql) throw new TypeError('The pipeline has no table.');
      return await sinkChanges(changes, pipeline, pipeline.sql, into, async (change, reason) => {
        rejected.push({ change, reason });
      });
    },
    async close() {
      await Promise.all([session.close(), pool.end()]);
    },
  };
}

/** What the table tells of an item: as it is in the source, texts as they were. */
export interface StoredOrder {
  readonly key: string;
  readonly customer: string;
  readonly status: string;
  readonly total: string;
  readonly image: unknown;
}

export async function storedOrders(pool: Pool): Promise<StoredOrder[]> {
  const { rows } = await pool.query(
    `SELECT tenant, order_id, customer_id, status, total::text, image::text
       FROM millrace_sink.orders WHERE NOT removed`,
  );
  return rows
    .map((row) => ({
      key: `${originalText(row.tenant)} ${originalText(row.order_id)}`,
      customer: originalText(row.customer_id),
      status: originalText(row.status),
      total: row.total,
      image: plain(row.image, originalText),
    }))
    .toSorted(byKey);
}

/** The newest accepted state of each item: what the table is to hold. */
export function newestOrders(changes: readonly Change[]): StoredOrder[] {
  const newest = new Map<string, Change>();
  for (const change of changes) {
    const key = imageToJson(change.keys);
    const known = newest.get(key);
    if (!known || BigInt(change.sequence) > BigInt(known.sequence)) newest.set(key, change);
  }
  return [...newest.values()]
    .flatMap(({ keys, newImage }) => {
      if (!newImage || newImage.status?.S === 'cancelled') return [];
      return [
        {
          key: `${keys.tenant?.S} ${keys.orderId?.S}`,
          customer: newImage.customerId?.S ?? '',
          status: newImage.status?.S ?? '',
          total: newImage.total?.N ?? '',
          image: plain(imageToJson(newImage), (text) => text),
        },
      ];
    })
    .toSorted(byKey);
}

/** Numbers as the digits that they are written with. */
function plain(json: string, textOf: (text: string) => string): unknown {
  return JSON.parse(json, (_, value, context?: { source?: string }) => {
    if (typeof value === 'number') return `number ${context?.source}`;
    return typeof value === 'string' ? textOf(value) : value;
  });
}

function byKey(a: StoredOrder, b: StoredOrder): number {
  return a.key < b.key ? -1 : 1;
}

export function image(orderId: string, more: Image): Image {
  return {
    ...{ tenant: { S: 'acme' }, orderId: { S: orderId }, customerId: { S: 'c-1' } },
    ...{ status: { S: 'placed' }, total: { N: '1' } },
    ...more,
  };
}
