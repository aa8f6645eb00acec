import { addRows, bytesOf, type Row } from '@millrace/lake';
import { parquetFormat } from '@millrace/lake/parquet';
import { type Fault, memoryLakeObjects, queryLake } from '@millrace/lake/testing';
import { BatchFailure, PermanentError } from '@millrace/middleware';
import type { MillraceEvent } from '@millrace/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ArchiveRecord,
  type Archiving,
  archiveBatch,
} from '../../../src/domain/archive/archive-batch.ts';
import { archiveRow, pathValue, rowId } from '../../../src/domain/archive/archive-row.ts';
import { LAYOUTS } from '../../../src/domain/archive/layouts.ts';
import { PseudonymMaker } from '../../../src/domain/archive/pseudonyms.ts';
import type { IncomingEvent } from '../../../src/domain/incoming-event.ts';
import { dataOf } from '../../known-answers/archived-data.ts';
import { events, expected } from '../../known-answers/cleansing-data.ts';
import { dirtyEvents } from '../../pipelines/cleansing/dirty-events.ts';

type Store = ReturnType<typeof memoryLakeObjects>;

/** One key for all: what a test expects is known before. */
const keys = { keyOf: async (tenant: string) => Buffer.alloc(32, tenant) };
const ARRIVED = '2026-11-23T09:45:00.000Z';

const recordsOf = (incoming: readonly IncomingEvent[]): ArchiveRecord[] =>
  incoming.map((value, n) => ({ sequenceNumber: String(1_000 + n), arrivedAt: ARRIVED, value }));

function archive(
  records: readonly ArchiveRecord[],
  { objects }: Store,
  more: Partial<Archiving<ArchiveRecord>> = {},
) {
  return archiveBatch(records, {
    lake: { objects, format: parquetFormat, pause: async () => {} },
    pseudonyms: new PseudonymMaker(keys),
    hasTimeLeft: () => true,
    putAside: () => Promise.reject(new Error('nothing here is put aside')),
    ...more,
  });
}

/** Object → ids of its rows. */
async function contents(store: Store): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const key of store.keys()) {
    const rows = await parquetFormat.decode(LAYOUTS['millrace.log.v1'], store.bytes(key));
    found[key] = rows.map(({ row_id }) => String(row_id)).sort();
  }
  return found;
}

/** Without the lake: every event that is wanted, once, at its place. */
async function reference(incoming: readonly IncomingEvent[]): Promise<Record<string, string[]>> {
  const tenants = new Set(incoming.map(({ tenant }) => tenant));
  const { pseudonyms: named } = await new PseudonymMaker(keys).forTenants(tenants);
  const expectedIds = new Map<string, Set<string>>();
  for (const one of incoming) {
    const archived = archiveRow(one, named);
    if (archived.kind === 'left_out') continue;
    expectedIds.set(archived.key, (expectedIds.get(archived.key) ?? new Set()).add(rowId(one)));
  }
  return Object.fromEntries([...expectedIds].map(([key, ids]) => [key, [...ids].sort()]));
}

const click = (id: string, time = '2026-11-23T09:41:07Z', tenant = 'acme'): IncomingEvent => ({
  tenant,
  event: {
    ...{ specversion: '1.0', id, source: '/web', type: 'millrace.click.v1', time },
    data: { visitorId: 'v1', url: '/' },
  } as MillraceEvent,
});

const line = (id: string, service: string, level = 'error'): IncomingEvent => ({
  tenant: 'acme',
  event: {
    ...{ specversion: '1.0', id, source: '/app', type: 'millrace.log.v1' },
    ...{ time: '2026-11-23T09:41:07Z', data: { service, level, message: 'GET /health' } },
  } as MillraceEvent,
});

describe('the archive holds every wanted event once', () => {
  it('under lost answers, kills, late requests, repeated records and other batch borders', async () => {
    const faults = fc.array(
      fc.constantFrom<Fault>('none', 'none', 'throw-before', 'throw-after', 'arrive-late'),
      { maxLength: 30 },
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(
        dirtyEvents,
        faults,
        sizes,
        fc.infiniteStream(fc.nat()),
        async (...drawn) => {
          const [incoming, planned, borders, picks] = drawn;
          let next = 0;
          const store = memoryLakeObjects(() => planned[next++] ?? 'none');
          // In disorder and some twice, as records that came through two shards.
          const doubled = [...incoming, ...incoming].sort(
            () => ((picks.next().value ?? 0) % 2) - 0.5,
          );
          for (const size of borders) {
            await archive(recordsOf(doubled.slice(0, size)), store).catch(() => {});
            doubled.push(...doubled.splice(0, size));
          }
          for (let done = false; !done; ) {
            done = await archive(recordsOf(doubled), store).then(
              () => true,
              () => false,
            );
            store.arrive();
          }
          store.arrive();
          expect(await contents(store)).toEqual(await reference(incoming));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('and DuckDB reads what was written by hand', async () => {
    const all = events(11, 600);
    const store = memoryLakeObjects();
    const records = recordsOf(all).map((record) => ({
      ...record,
      arrivedAt: '2026-11-23T12:00:00Z',
    }));
    const middle = 350;
    await archive(records.slice(0, middle), store);
    await archive(records.slice(middle - 100), store);
    const rows = await queryLake(
      store.keys().map((key) => store.bytes(key)),
      `SELECT *, strftime(time, '%Y-%m-%dT%H:%M:%S.%gZ') AS at FROM lake`,
    );
    const found = rows.map(({ tenant_id, event_id, at, ...row }) => [
      `${tenant_id} ${event_id}`,
      { time: at, data: dataOf(row) },
    ]);
    expect(found).toHaveLength(expected(all).archived.size);
    expect(new Map(found as never)).toEqual(expected(all).archived);
  });
});

describe('the place of an event', () => {
  const placeOf = (incoming: IncomingEvent) => {
    const archived = archiveRow(incoming, (_, text) => text);
    return archived.kind === 'row' ? archived.key : archived.kind;
  };

  it('is its type or service, tenant, day and minute in UTC', () => {
    expect(placeOf(click('1', '2026-11-24T08:59:59+09:00'))).toBe(
      'events/type=click/tenant=acme/dt=2026-11-23/2359-0.parquet',
    );
    expect(placeOf(line('1', 'shop'))).toBe(
      'logs/service=shop/tenant=acme/dt=2026-11-23/0941-0.parquet',
    );
  });

  it('is nowhere for a line that no rule keeps', () => {
    expect(placeOf(line('1', 'shop', 'info'))).toBe('left_out');
  });

  it.each(['결제', '../../x', 'a/b', '', 'a'.repeat(65), 'x-0123456789abcdef', '.', 'user:1@x'])(
    'tells names apart that cannot be part of a path: %j',
    (name) => {
      expect(pathValue(name)).toMatch(/^x-[0-9a-f]{16}$/);
      expect(pathValue(name)).not.toBe(pathValue(`${name}!`));
    },
  );
});

describe('a batch', () => {
  it('goes on behind what can never be a row', async () => {
    const store = memoryLakeObjects();
    const aside: unknown[] = [];
    const records = recordsOf([click('1'), click('2', '1970-01-01T00:00:00Z'), click('3')]);
    const counts = await archiveBatch(records, {
      lake: { objects: store.objects, format: parquetFormat, pause: async () => {} },
      pseudonyms: new PseudonymMaker(keys),
      hasTimeLeft: () => true,
      putAside: async ({ sequenceNumber }, cause) => void aside.push([sequenceNumber, cause]),
    });
    expect(counts).toEqual({ rows: 2, leftOut: 0, rejected: 1 });
    expect(aside).toMatchObject([['1001', { code: 'event_time_out_of_range' }]]);
    expect(Object.values(await contents(store)).flat()).toHaveLength(2);
  });

  it('comes again from the first record whose row is not there; the others are', async () => {
    const { objects, ...store } = memoryLakeObjects();
    const failing = {
      ...objects,
      swap: (...args: Parameters<typeof objects.swap>) =>
        args[0].includes('0942') ? Promise.reject(new Error('reset')) : objects.swap(...args),
    };
    const late = '2026-11-23T09:42:00Z';
    const records = recordsOf([click('1'), click('2', late), click('3'), click('4', late)]);
    const failure = await archive(records, { ...store, objects: failing }).catch((error) => error);
    expect(failure).toBeInstanceOf(BatchFailure);
    expect(failure.lowestSequenceNumber).toBe('1001');
    expect(Object.values(await contents({ ...store, objects })).flat()).toHaveLength(2);
  });

  it('begins no object when there is no time left', async () => {
    const store = memoryLakeObjects();
    const failure = await archive(recordsOf([click('1')]), store, {
      hasTimeLeft: () => false,
    }).catch((error) => error);
    expect(failure).toMatchObject({ code: 'out_of_time', lowestSequenceNumber: '1000' });
    expect(store.keys()).toEqual([]);
  });

  it('ends in time however often an object is written by others meanwhile', async () => {
    let requests = 0;
    const { objects, ...store } = memoryLakeObjects();
    const busy = { ...objects, swap: async () => false };
    const failure = await archive(
      recordsOf([click('1')]),
      { ...store, objects: busy },
      {
        hasTimeLeft: () => requests++ < 5,
      },
    ).catch((error) => error);
    expect(failure).toMatchObject({ code: 'out_of_time', lowestSequenceNumber: '1000' });
  });

  it('comes again when a dead letter could not be kept', async () => {
    const records = recordsOf([click('1'), click('2', '2999-01-01T00:00:00Z')]);
    const putAside = () => Promise.reject(new Error('throttled'));
    const failure = await archive(records, memoryLakeObjects(), { putAside }).catch((e) => e);
    expect(failure).toMatchObject({ lowestSequenceNumber: '1001' });
  });
});

describe('a tenant without a key', () => {
  const [mine, others] = [click('1'), click('2', '2026-11-23T09:41:07Z', 'other')];
  const without = (cause: unknown) =>
    new PseudonymMaker({
      keyOf: (tenant) => (tenant === 'acme' ? Promise.reject(cause) : keys.keyOf(tenant)),
    });

  it('waits where the key cannot be read; the rows of others are there', async () => {
    const store = memoryLakeObjects();
    const pseudonyms = without(new Error('S3 is away'));
    const failure = await archive(recordsOf([others, mine, others]), store, { pseudonyms }).catch(
      (error) => error,
    );
    expect(failure).toMatchObject({ lowestSequenceNumber: '1001' });
    expect(Object.values(await contents(store)).flat()).toEqual([rowId(others)]);
  });

  it('goes to the dead letters where the key is none; the stream goes on', async () => {
    const store = memoryLakeObjects();
    const aside: unknown[] = [];
    const counts = await archive(recordsOf([mine, others]), store, {
      pseudonyms: without(new PermanentError('pseudonym_key_invalid', '')),
      putAside: async ({ sequenceNumber }, cause) => void aside.push([sequenceNumber, cause]),
    });
    expect(counts).toEqual({ rows: 1, leftOut: 0, rejected: 1 });
    expect(aside).toMatchObject([['1000', { code: 'pseudonym_key_invalid' }]]);
  });
});

describe('pseudonyms', () => {
  it('are the same for the same person of a tenant, others for another tenant', async () => {
    const { pseudonyms: named } = await new PseudonymMaker(keys).forTenants(new Set(['a', 'b']));
    expect(named('a', 'kim')).toBe(named('a', 'kim'));
    expect(named('a', 'kim')).not.toBe(named('b', 'kim'));
    expect(named('a', 'kim')).not.toBe(named('a', 'lee'));
    expect(named('a', 'kim')).toMatch(/^p_[\w-]{22}$/);
  });

  it('need one reading of a key for many batches, and know within ten minutes that it is gone', async () => {
    let now = 0;
    const read: string[] = [];
    const keyOf = async (tenant: string) => {
      read.push(tenant);
      return Buffer.alloc(32, read.length);
    };
    const maker = new PseudonymMaker({ keyOf }, () => now);
    const { pseudonyms: before } = await maker.forTenants(new Set(['a']));
    await maker.forTenants(new Set(['a', 'b']));
    expect(read).toEqual(['a', 'b']);
    now = 600_000;
    const { pseudonyms: after } = await maker.forTenants(new Set(['a']));
    expect(after('a', 'kim')).not.toBe(before('a', 'kim'));
  });
});

it('6,000 rows of a kilobyte in one minute lie in objects that are bounded, each once', async () => {
  const layout = { ...LAYOUTS['millrace.click.v1'], closedAt: 4_000_000 };
  const store = memoryLakeObjects();
  const lake = { objects: store.objects, format: parquetFormat, pause: async () => {} };
  const key = 'events/type=click/tenant=acme/dt=2026-11-23/0941-0.parquet';
  const { pseudonyms: named } = await new PseudonymMaker(keys).forTenants(new Set(['acme']));
  const rows = Array.from({ length: 6_000 }, (_, n): Row => {
    const { event, tenant } = click(`c-${n}`);
    const url = `/${n}${`/${(n * 2_654_435_761) % 4_294_967_296}`.repeat(80)}`;
    const wide = {
      tenant,
      event: { ...event, data: { visitorId: `v-${n}`, url } } as MillraceEvent,
    };
    const archived = archiveRow(wide, named);
    if (archived.kind !== 'row') throw new Error('a click is a row');
    return archived.row;
  });
  for (let at = 0; at < rows.length; at += 1_500) {
    await addRows(key, layout, rows.slice(at, at + 2_000), lake);
  }
  const [found] = await queryLake(
    store.keys().map((one) => store.bytes(one)),
    'SELECT count(*)::INT AS rows, count(DISTINCT row_id)::INT AS ids FROM lake',
  );
  expect(found).toEqual({ rows: 6_000, ids: 6_000 });
  const sizes = store
    .keys()
    .map(async (one) => bytesOf(await parquetFormat.decode(layout, store.bytes(one))));
  expect(store.keys().length).toBeGreaterThan(1);
  expect(Math.max(...(await Promise.all(sizes)))).toBeLessThan(
    layout.closedAt + bytesOf(rows.slice(0, 2_000)),
  );
});
