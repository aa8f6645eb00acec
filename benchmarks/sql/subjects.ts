import { Pool } from 'pg';
import { postgresRows } from '../../services/etl/src/adapters/postgres/postgres-rows.ts';
import { createSqlSession } from '../../services/etl/src/adapters/postgres/sql-session.ts';
import { type Image, imageToJson } from '../../services/etl/src/domain/attribute-value.ts';
import type { Change } from '../../services/etl/src/domain/change.ts';
import { orders } from '../../services/etl/src/domain/pipelines/orders.ts';
import { sinkChanges } from '../../services/etl/src/domain/sql/sink-changes.ts';

export const SUBJECTS = ['hand-written', 'sink'] as const;
export type Subject = (typeof SUBJECTS)[number];

export interface Subjects {
  readonly run: Readonly<Record<Subject, () => Promise<void>>>;
  /** Before each: both write into an empty table. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

/** As many as a mapping hands over at most. */
const BATCH = 1_000;

/**
 * Both take the same changes of orders, half of them inserts and half updates of those, in the same
 * batches over one connection. The hand-written one is what one would write for this table: a
 * placeholder for each value, with rows that are made beforehand.
 */
export async function startSubjects(url: string, count: number): Promise<Subjects> {
  const pool = new Pool({ connectionString: url, max: 1 });
  await pool.query('DROP SCHEMA IF EXISTS millrace CASCADE');
  await pool.query('DROP SCHEMA IF EXISTS millrace_sink CASCADE');
  const session = createSqlSession(async () => url);
  const rows = postgresRows(session);
  await session.run(async () => {});
  const { sql } = orders;
  if (!sql) throw new TypeError('Orders go into PostgreSQL.');
  // A statement may meet an item once only: what is written by hand knows that, too.
  const batches = inBatches(changesOf(count), Math.min(BATCH, Math.ceil(count / 2)));
  const written = batches.map((batch) => ({
    text: statementFor(batch.length),
    values: batch.flatMap(valuesOf),
  }));
  return {
    run: {
      async 'hand-written'() {
        for (const query of written) await pool.query(query);
      },
      async sink() {
        for (const batch of batches) {
          await sinkChanges(batch, orders, sql, rows, () => Promise.reject(new Error('all valid')));
        }
      },
    },
    async empty() {
      await pool.query('TRUNCATE millrace_sink.orders');
    },
    async close() {
      await Promise.all([pool.end(), session.close()]);
    },
  };
}

const COLUMNS = [
  ...['tenant', 'order_id', 'customer_id', 'status', 'currency', 'total', 'line_count'],
  ...['created_at', 'updated_at', 'image', 'sequence', 'changed_at', 'removed'],
];

function statementFor(count: number): string {
  const width = COLUMNS.length;
  const tuples = Array.from({ length: count }, (_, row) => {
    const places = COLUMNS.map((_, column) => `$${row * width + column + 1}`);
    return `(${places.join(', ')})`;
  });
  const replaced = COLUMNS.slice(2).map((name) => `${name} = excluded.${name}`);
  return `INSERT INTO millrace_sink.orders AS o (${COLUMNS.join(', ')}) VALUES ${tuples.join(', ')}
ON CONFLICT (tenant, order_id) DO UPDATE SET ${replaced.join(', ')}
WHERE excluded.sequence > o.sequence`;
}

function valuesOf({ newImage = {}, sequence, changedAt }: Change): unknown[] {
  const text = (name: string) => newImage[name]?.S;
  return [
    ...['tenant', 'orderId', 'customerId', 'status', 'currency'].map(text),
    ...[newImage.total?.N, newImage.lines?.L?.length, text('createdAt'), text('updatedAt')],
    ...[imageToJson(newImage), sequence, changedAt, false],
  ];
}

function changesOf(count: number): Change[] {
  const items = Math.ceil(count / 2);
  return Array.from({ length: count }, (_, n) => {
    const newImage = orderImage(n % items, n < items ? 'placed' : 'paid');
    const { tenant = {}, orderId = {} } = newImage;
    return {
      ...{ id: `event-${n}`, op: n < items ? 'INSERT' : 'MODIFY', keys: { tenant, orderId } },
      ...{ sequence: String(10n ** 20n + BigInt(n)), changedAt: new Date(1_764_000_000_000 + n) },
      ...{ newImage, expired: false },
    };
  });
}

function orderImage(n: number, status: string): Image {
  const at = { S: '2026-11-23T09:00:00.000Z' };
  const line = (sku: string, unitPrice: number) => ({
    M: { sku: { S: sku }, quantity: { N: '2' }, unitPrice: { N: `${unitPrice}` } },
  });
  return {
    ...{ tenant: { S: `tenant-${n % 20}` }, orderId: { S: `order-${n}` }, createdAt: at },
    ...{ customerId: { S: `customer-${n % 977}` }, status: { S: status }, updatedAt: at },
    ...{ currency: { S: 'KRW' }, total: { N: `${2 * (n + 15_000)}` } },
    lines: { L: [line('book', n), line('pen', 15_000)] },
  };
}

function inBatches<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, n) =>
    list.slice(n * size, (n + 1) * size),
  );
}
