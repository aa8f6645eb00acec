import { addRows, type Row } from '@millrace/lake';
import { parquetFormat } from '@millrace/lake/parquet';
import { type Fault, memoryLakeObjects, queryLake } from '@millrace/lake/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../src/domain/change.ts';
import { loadChanges } from '../src/domain/load-changes.ts';
import { objectKey } from '../src/domain/object-key.ts';
import { orders } from '../src/domain/pipelines/orders.ts';
import { history } from './changes.ts';

type Store = ReturnType<typeof memoryLakeObjects>;
const refuse = () => Promise.reject(new Error('nothing here is invalid'));

function load(changes: readonly Change[], { objects }: Store) {
  const lake = { objects, format: parquetFormat, pause: async () => {} };
  return loadChanges(changes, orders, lake, refuse);
}

async function rowsOf(store: Store): Promise<Map<string, Row[]>> {
  const read = store
    .keys()
    .map(async (key) => [key, await parquetFormat.decode(orders, store.bytes(key))] as const);
  return new Map(await Promise.all(read));
}

/** What the lake must hold: every change once, in its object, in order. */
function reference(changes: readonly Change[]): Map<string, Row[]> {
  const expected = new Map<string, Row[]>();
  for (const one of changes) {
    const transformed = orders.transform(one);
    if (transformed.kind !== 'row') throw new Error('the history is valid');
    const key = objectKey(orders, one);
    expected.set(key, [...(expected.get(key) ?? []), transformed.row]);
  }
  return new Map([...expected].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * One shard as Lambda reads it: from the checkpoint, in batches of any size; a batch that failed
 * comes again from the checkpoint with other borders; a batch that succeeded may come again, when
 * the checkpoint was lost. Every fourth turn a stopped writer's requests arrive.
 */
async function deliver(
  changes: readonly Change[],
  store: Store,
  sizes: () => number,
  isLost: () => boolean,
) {
  let checkpoint = 0;
  for (let turn = 0; checkpoint < changes.length; turn += 1) {
    const batch = changes.slice(checkpoint, checkpoint + sizes());
    const isDone = await load(batch, store).then(
      () => true,
      () => false,
    );
    if (turn % 4 === 3) store.arrive();
    if (isDone && !isLost()) checkpoint += batch.length;
  }
  store.arrive();
}

/** Draws from the list, then goes on without faults, so that every delivery ends. */
function drawing<T>(values: readonly T[], after: T): () => T {
  let next = 0;
  return () => values[next++] ?? after;
}

const faults = fc.array(
  fc.constantFrom<Fault>('none', 'none', 'throw-before', 'throw-after', 'arrive-late'),
  { maxLength: 60 },
);
const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 40 });
const losses = fc.array(fc.boolean(), { maxLength: 20 });

describe('the lake holds the history exactly', () => {
  it('under lost answers, kills, zombies, lost checkpoints and other batch borders', async () => {
    await fc.assert(
      fc.asyncProperty(faults, sizes, losses, async (planned, batches, lost) => {
        const changes = history(40);
        const store = memoryLakeObjects(drawing(planned, 'none'));
        await deliver(changes, store, drawing(batches, 10), drawing(lost, false));
        expect(await rowsOf(store)).toEqual(reference(changes));
      }),
      { numRuns: 200 },
    );
  });

  it('when shards and duplicate invocations write at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: 0, max: 29 }), { minLength: 1 }), { minLength: 1 }),
        faults,
        async (picks, planned) => {
          const changes = history(30);
          const store = memoryLakeObjects(drawing(planned, 'none'));
          const batches = [...picks.map((pick) => pick.map((n) => changes[n])), changes, changes];
          await Promise.allSettled(
            batches.map((batch) =>
              load(
                batch.filter((one) => one !== undefined),
                store,
              ),
            ),
          );
          store.arrive();
          await deliver(
            changes,
            store,
            () => 9,
            () => false,
          );
          expect(await rowsOf(store)).toEqual(reference(changes));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('when records come again long after later ones, as a redrive sends them', async () => {
    const changes = history(50);
    const store = memoryLakeObjects();
    await load([...changes.slice(0, 10), ...changes.slice(20)], store);
    await load(changes.slice(5, 25), store);
    expect(await rowsOf(store)).toEqual(reference(changes));
  });
});

describe('an object of the lake', () => {
  it('has the same bytes however its rows came', async () => {
    const changes = history(20);
    const [together, apart] = [memoryLakeObjects(), memoryLakeObjects()];
    await load(changes, together);
    for (const one of changes.toReversed()) await load([one], apart);
    expect(apart.keys()).toEqual(together.keys());
    for (const key of together.keys()) {
      expect(Buffer.from(apart.bytes(key)).equals(together.bytes(key))).toBe(true);
    }
  });

  it('is not written again when nothing is new', async () => {
    const changes = history(8);
    const store = memoryLakeObjects();
    await load(changes, store);
    const { objects } = store;
    const readOnly = { ...store, objects: { ...objects, swap: () => Promise.reject(Error('no')) } };
    await expect(load(changes, readOnly)).resolves.toMatchObject({ rows: 8 });
  });

  it('fails as transient when others always write first', async () => {
    const [row] = [...reference(history(1)).values()].flat();
    const store = memoryLakeObjects();
    const lake = {
      format: parquetFormat,
      objects: { ...store.objects, swap: async () => false },
      pause: async () => {},
    };
    const adding = addRows('changes/x.parquet', orders, row ? [row] : [], lake);
    await expect(adding).rejects.toMatchObject({ name: 'TransientError', code: 'lake_contended' });
  });

  it('keeps its rows when a column is added later', async () => {
    const store = memoryLakeObjects();
    await load(history(3), store);
    const [key = ''] = store.keys();
    const coupon = { name: 'coupon', type: 'string' } as const;
    const wider = { ...orders, columns: [...orders.columns, coupon] };
    const rows = await parquetFormat.decode(wider, store.bytes(key));
    expect(rows.map((row) => row.coupon)).toEqual([null, null, null]);
  });
});

it('DuckDB reads exactly the history', async () => {
  const changes = history(300);
  const store = memoryLakeObjects();
  await deliver(changes, store, drawing([3, 40, 7], 100), () => false);
  const rows = await queryLake(
    store.keys().map((key) => store.bytes(key)),
    `SELECT change_id, op, sequence, epoch_ms(changed_at)::BIGINT AS at, order_id, total,
            json_extract_string(new_image, '$.lines[0].sku') AS sku, old_image
       FROM lake ORDER BY sequence`,
  );
  const expected = [...reference(changes).values()].flat().map((row) => ({
    change_id: row.change_id,
    op: row.op,
    sequence: row.sequence,
    at: String((row.changed_at as Date).getTime()),
    order_id: row.order_id,
    total: String(row.total),
    sku: row.new_image === null ? null : 'book',
    old_image: row.old_image,
  }));
  expect(rows).toEqual(expected);
});
