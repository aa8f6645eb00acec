import type { PermanentError } from '@millrace/middleware';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyMigrations, checksumOf } from '../../src/adapters/postgres/migrate.ts';
import { MIGRATIONS } from '../../src/adapters/postgres/migrations/index.ts';
import { purgeStatement } from '../../src/adapters/postgres/upsert-statement.ts';
import type { Image } from '../../src/domain/attribute-value.ts';
import type { Change } from '../../src/domain/change.ts';
import { pipelines } from '../../src/domain/pipelines/index.ts';
import type { NewestRows } from '../../src/domain/sql/sink-changes.ts';
import { sqlColumns } from '../../src/domain/sql/sql-table.ts';
import { change } from '../changes.ts';
import { embedded, realServer, type TestDatabase } from './databases.ts';
import { image, newestOrders, openSink, type Sink, storedOrders, wanted } from './orders.ts';

const real = realServer();

describe.each([
  { name: 'PGlite', start: embedded },
  { name: 'a PostgreSQL server', start: real },
])('the sink into $name', ({ start }) => {
  // Visible as skipped where the machine has no PostgreSQL and no URL names one.
  const when = start === undefined ? describe.skip : describe;
  let database: TestDatabase;
  let sink: Sink;

  when('', () => {
    beforeAll(async () => {
      if (!start) return;
      database = await start();
      sink = openSink(database.url);
      // The first connection may wait for the engine longer than a function would.
      await eventually(() => sink.sink([]).then(() => sink.session.run(async () => {})));
    }, 240_000);
    afterAll(async () => {
      await sink.close();
      await database.close();
    });
    beforeEach(async () => {
      await sink.pool.query('TRUNCATE millrace_sink.orders');
      sink.rejected.length = 0;
    });

    it('holds the source exactly after duplicates, other borders, bisects and disorder', async () => {
      await fc.assert(
        fc.asyncProperty(histories, deliveries, async (history, plan) => {
          await sink.pool.query('TRUNCATE millrace_sink.orders');
          await deliver(history, plan, sink);
          expect(await storedOrders(sink.pool)).toEqual(newestOrders(history));
        }),
        { numRuns: 60 },
      );
      expect(sink.rejected).toEqual([]);
    }, 240_000);

    it('keeps values that are hostile, to the last digit', async () => {
      const more: Image = {
        customerId: { S: 'a\0b\ud800c\udfff\u{10FFFF}0000' },
        text: { S: '\\u0000 \u0000 \ud83d \ud83d\udc4d' },
        total: { N: '9007199254740991' },
        digits: { N: '-1234567890123456789012345678.0123456789' },
        tiny: { N: '0.00000000000000000000000000000000000000000000000000000000000001' },
        set: { NS: ['3', '1.10', '20'] },
        names: { SS: ['나', '가', '\0'] },
        bytes: { B: '/+8=' },
        none: { NULL: true },
        empty: { S: '' },
        deep: nested(31),
      };
      const one = change(1, image('o\0-1', more));
      await sink.sink([one]);
      expect(await storedOrders(sink.pool)).toEqual(newestOrders([one]));
    });

    it('keeps items of 400 KB', async () => {
      const large = change(1, image('o-1', { text: { S: '사진'.repeat(68_000) } }));
      await sink.sink([large]);
      expect(await storedOrders(sink.pool)).toEqual(newestOrders([large]));
    });

    it('puts aside what can never be stored, once and without its values, and takes the rest', async () => {
      const secret = Array.from({ length: 3_000 }, (_, n) => ((n * 7919) % 36).toString(36)).join(
        '',
      );
      // Compressed it would fit into an index: PostgreSQL compresses before it refuses.
      const tooLong = scrambled(secret);
      const changes = [
        ...Array.from({ length: 9 }, (_, n) => change(n, image(`o-${n}`, {}))),
        change(20, image(tooLong, {})),
      ];
      await sink.sink(changes);
      expect(sink.rejected.map(({ change: { id } }) => id)).toEqual(['event-000020']);
      expect(sink.rejected[0]?.reason).toMatchObject({
        code: 'sql_value_refused',
        message: expect.stringContaining('54000'),
      });
      expect(await storedOrders(sink.pool)).toEqual(newestOrders(changes.slice(0, 9)));
    });

    it('keeps the newest state that can be stored, whatever batches it came in', async () => {
      await sink.pool.query(
        "ALTER TABLE millrace_sink.orders ADD CONSTRAINT refused CHECK (customer_id <> 'refused')",
      );
      try {
        const first = change(1, image('o-1', {}));
        const refused = change(2, image('o-1', { customerId: { S: 'refused' } }), first.newImage);
        for (const batches of [[[first, refused]], [[first], [refused]], [[refused], [first]]]) {
          await sink.pool.query('TRUNCATE millrace_sink.orders');
          for (const batch of batches) await sink.sink(batch);
          expect(await storedOrders(sink.pool)).toEqual(newestOrders([first]));
        }
        expect(new Set(sink.rejected.map(({ change: { id } }) => id))).toEqual(
          new Set([refused.id]),
        );
      } finally {
        await sink.pool.query('ALTER TABLE millrace_sink.orders DROP CONSTRAINT refused');
      }
    });

    it('puts aside items that are not what the pipeline expects', async () => {
      const wrong = change(2, image('o-2', { total: { S: 'secret' } }));
      await sink.sink([change(1, image('o-1', {})), wrong]);
      expect(sink.rejected).toMatchObject([{ change: { id: wrong.id } }]);
      expect(reasonsOf(sink)).toEqual(['item_invalid']);
      expect(await storedOrders(sink.pool)).toHaveLength(1);
    });

    it('leaves nothing of a removed item but its key, and forgets that after five weeks', async () => {
      const item = image('o-1', { customerId: { S: 'someone' } });
      await sink.sink([change(1, item), change(2, undefined, item)]);
      const { rows } = await sink.pool.query('SELECT * FROM millrace_sink.orders');
      expect(rows).toMatchObject([
        { tenant: 'acme', order_id: 'o-1', customer_id: null, image: null, removed: true },
      ]);
      const age = (days: number) =>
        sink.pool.query(
          "UPDATE millrace_sink.orders SET changed_at = now() - $1 * interval '1 day'",
          [days],
        );
      const purge = async () => {
        if (wanted.sql) await sink.pool.query(purgeStatement(wanted.sql));
        return (await sink.pool.query('SELECT 1 FROM millrace_sink.orders')).rowCount;
      };
      await age(34);
      expect(await purge()).toBe(1);
      await age(36);
      expect(await purge()).toBe(0);
    });

    it('never removes what is there, however old', async () => {
      await sink.sink([change(1, image('o-1', {}))]);
      await sink.pool.query("UPDATE millrace_sink.orders SET changed_at = '2001-01-01'");
      if (wanted.sql) await sink.pool.query(purgeStatement(wanted.sql));
      expect(await storedOrders(sink.pool)).toHaveLength(1);
    });

    it('has the columns that each pipeline declares', async () => {
      for (const { sql } of Object.values(pipelines)) {
        if (!sql) continue;
        const { rows } = await sink.pool.query(
          `SELECT column_name, data_type FROM information_schema.columns
            WHERE table_schema = 'millrace_sink' AND table_name = $1 ORDER BY ordinal_position`,
          [sql.name],
        );
        const there = new Map(rows.map((row) => [row.column_name, row.data_type]));
        expect(there).toEqual(new Map(sqlColumns(sql)));
      }
    });

    it('applies each migration once, and refuses another text under a known number', async () => {
      const { rows } = await sink.pool.query(
        'SELECT number, name, checksum FROM millrace_sink.migrations ORDER BY number',
      );
      expect(rows).toEqual(
        MIGRATIONS.map(({ number, name, sql }) => ({ number, name, checksum: checksumOf(sql) })),
      );
      const client = await sink.pool.connect();
      try {
        await applyMigrations(client);
        const [first] = MIGRATIONS;
        const changed = [{ ...first, sql: 'SELECT 1', number: 1, name: 'tables' }];
        await expect(applyMigrations(client, changed)).rejects.toMatchObject({
          code: 'sql_schema_mismatch',
        });
        const broken = [
          ...MIGRATIONS,
          { number: 999, name: 'broken', sql: 'CREATE TABLE millrace_sink.half (a int); SELEC' },
        ];
        await expect(applyMigrations(client, broken)).rejects.toMatchObject({ code: '42601' });
        const half = await client.query("SELECT to_regclass('millrace_sink.half') AS there");
        expect(half.rows).toEqual([{ there: null }]);
      } finally {
        client.release();
      }
    });

    it('migrates once when many environments start at the same time', async () => {
      await sink.pool.query(
        'DROP SCHEMA millrace_sink CASCADE; DROP SCHEMA IF EXISTS millrace CASCADE',
      );
      const others = Array.from({ length: 5 }, () => openSink(database.url));
      try {
        await Promise.all(others.map((other, n) => other.sink([change(n, image(`o-${n}`, {}))])));
        expect(await storedOrders(sink.pool)).toHaveLength(5);
      } finally {
        await Promise.all(others.map((other) => other.close()));
      }
    });

    it('tells an outage as transient and catches up by itself', async (context) => {
      const { stop, start: again } = database;
      if (!stop || !again) return context.skip();
      const history = Array.from({ length: 60 }, (_, n) =>
        change(n, image(`o-${n % 7}`, { total: { N: `${n}` } })),
      );
      await sink.sink(history.slice(0, 20));
      await stop();
      for (let attempt = 0; attempt < 3; attempt += 1) {
        await expect(sink.sink(history.slice(20, 40))).rejects.toMatchObject({
          name: 'TransientError',
          code: 'sql_unavailable',
        });
      }
      await again();
      await eventually(() => sink.sink(history.slice(20, 40)));
      await sink.sink(history.slice(40));
      expect(await storedOrders(sink.pool)).toEqual(newestOrders(history));
      expect(sink.rejected).toEqual([]);
    }, 120_000);
  });
});

const hostileText = fc.oneof(
  fc.string(),
  fc.constantFrom('', '\0', '\ud800', '\u{10FFFF}0000', '결제를', '\\u0000', '"\\'),
);
const state = fc.record({
  customer: hostileText,
  status: fc.constantFrom('placed', 'paid', 'cancelled'),
  total: fc.maxSafeInteger(),
});
/** Of some items, each changed in turns: put, put again, removed. */
const histories = fc
  .array(fc.record({ item: fc.nat({ max: 5 }), state: fc.option(state, { freq: 4 }) }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((steps) => {
    const items = new Map<number, Image>();
    return steps.flatMap(({ item, state: next }, n): Change[] => {
      const old = items.get(item);
      if (!next) {
        items.delete(item);
        return old ? [change(n, undefined, old)] : [];
      }
      const { customer, status, total } = next;
      const now = image(`o-${item}`, {
        ...{ customerId: { S: customer }, status: { S: status }, total: { N: `${total}` } },
      });
      items.set(item, now);
      return [change(n, now, old)];
    });
  });

interface Delivery {
  readonly sizes: readonly number[];
  readonly faults: readonly ('none' | 'before' | 'after' | 'lost')[];
  readonly again: readonly number[];
}
const deliveries = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 30 }),
  faults: fc.array(fc.constantFrom('none', 'none', 'before', 'after', 'lost'), { maxLength: 30 }),
  again: fc.array(fc.nat(), { maxLength: 20 }),
});

/**
 * Two shards side by side, each in order by batches of any size. A batch that fails before or after
 * it was stored comes again with other borders, one whose checkpoint was lost too; in the end some
 * changes come once more, in any order, as a redrive sends them.
 */
async function deliver(history: readonly Change[], plan: Delivery, sink: Sink): Promise<void> {
  const shards = [0, 1].map((shard) =>
    history.filter(({ keys }) => Number(keys.orderId?.S?.at(-1)) % 2 === shard),
  );
  const [size, fault] = [drawing(plan.sizes, 10), drawing(plan.faults, 'none')];
  await Promise.all(
    shards.map(async (shard) => {
      for (let checkpoint = 0; checkpoint < shard.length; ) {
        const batch = shard.slice(checkpoint, checkpoint + size());
        const outcome = fault();
        const isDone = await sink.sink(batch, faulty(sink.rows, outcome)).then(
          () => true,
          () => false,
        );
        if (isDone && outcome !== 'lost') checkpoint += batch.length;
      }
    }),
  );
  const again = plan.again.flatMap((n) => history[n % Math.max(history.length, 1)] ?? []);
  for (const one of again) await sink.sink([one]);
  await sink.sink(again.toReversed());
}

function faulty(rows: NewestRows, fault: string): NewestRows {
  return {
    async putNewest(table, some) {
      if (fault === 'before') throw new Error('killed before');
      await rows.putNewest(table, some);
      if (fault === 'after') throw new Error('killed after');
    },
  };
}

/** Draws from the list, then goes on without faults, so that every delivery ends. */
function drawing<T>(values: readonly T[], after: T): () => T {
  let next = 0;
  return () => values[next++] ?? after;
}

function nested(depth: number): Image[string] {
  return depth === 0 ? { S: 'bottom' } : { M: { inner: nested(depth - 1) } };
}

/** The same letters in an order that does not compress. */
function scrambled(text: string): string {
  let state = 1;
  return [...text]
    .map(() => {
      state = (state * 48_271) % 2_147_483_647;
      return String.fromCodePoint(0x4e00 + (state % 20_000));
    })
    .join('');
}

function reasonsOf({ rejected }: Sink): string[] {
  return rejected.map(({ reason }: { reason: PermanentError }) => reason.code);
}

async function eventually(work: () => Promise<unknown>): Promise<void> {
  for (const start = Date.now(); ; ) {
    try {
      await work();
      return;
    } catch (error) {
      if (Date.now() - start > 90_000) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}
