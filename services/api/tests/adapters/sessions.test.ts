import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { SESSION_PARTITIONS, type Session, sessionPartitions } from '@millrace/types';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoSessionStore } from '../../src/adapters/dynamo-session-store.ts';
import type { SessionStore, SessionsOfDay } from '../../src/domain/sessions/list-sessions.ts';
import { type Engines, startEngines } from '../support/engines.ts';
import { memorySessionStore, sessionItem, sessionOf } from '../support/session-items.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await startEngines();
});
afterAll(() => engines.close());

const minute = (nth: number) => `2026-11-23T09:${String(nth).padStart(2, '0')}:00.000Z`;
const sessions = [
  ...Array.from({ length: 40 }, (_, nth) => sessionOf(`v${nth}`, minute(nth))),
  sessionOf('v7', minute(50)),
  // The same time, and a name that JSON escapes.
  ...['a', 'b', 'c', '"\\'].map((visitorId) => sessionOf(visitorId, minute(45))),
];
const all = [
  ...sessions.map((session) => ({ tenant: 'acme', session })),
  { tenant: 'acme', session: sessionOf('v7', '2026-11-22T23:59:59.999Z') },
  { tenant: 'acme', session: sessionOf('v7', '2026-11-24T00:00:00.000Z') },
  { tenant: 'other', session: sessionOf('v7', minute(30)) },
];

const stores: [string, () => Promise<SessionStore>][] = [
  ['in memory', async () => memorySessionStore(all)],
  [
    'in DynamoDB',
    async () => {
      const table = await engines.table(['pk', 'sk']);
      for (const { tenant, session } of all) {
        const Item = sessionItem(tenant, session);
        await table.client.send(new PutCommand({ TableName: table.name, Item }));
      }
      return dynamoSessionStore(table);
    },
  ],
];

const newestFirst = (some: readonly Session[]) =>
  some.toSorted((one, other) =>
    `${one.startedAt}#${one.id}` > `${other.startedAt}#${other.id}` ? -1 : 1,
  );

describe.each(stores)('sessions %s', (_name, open) => {
  let store: SessionStore;
  beforeAll(async () => {
    store = await open();
  });
  const dayOf = async (query: Partial<SessionsOfDay>, tenant = 'acme') => {
    const found: Session[] = [];
    let before: string | undefined = '2026-11-24';
    while (before !== undefined) {
      const asked = { day: '2026-11-23', from: '2026-11-23', limit: 100, before, ...query };
      const page = await store.newest(tenant, { ...asked, before });
      expect(page.sessions.length).toBeLessThanOrEqual(asked.limit);
      found.push(...page.sessions);
      before = page.next;
    }
    return found;
  };

  it('of a day come the newest first, whatever partition they lie in', async () => {
    expect(await dayOf({})).toEqual(newestFirst(sessions));
  });
  it.each([1, 3, 7])('go on where a page of %i ended, each of them once', async (limit) => {
    expect(await dayOf({ limit })).toEqual(newestFirst(sessions));
  });
  it('begin within the range', async () => {
    const { sessions: found } = await store.newest('acme', {
      ...{ day: '2026-11-23', limit: 100, from: minute(10), before: minute(12) },
    });
    expect(found.map(({ startedAt }) => startedAt)).toEqual([minute(11), minute(10)]);
  });
  it.each(['v7', '"\\', 'nobody'])('are those of the visitor %s', async (visitorId) => {
    const theirs = newestFirst(sessions.filter((one) => one.visitorId === visitorId));
    expect(await dayOf({ visitorId })).toEqual(theirs);
    expect(await dayOf({ visitorId, limit: 1 })).toEqual(theirs);
  });
  it("are nobody else's", async () => {
    expect(await dayOf({}, 'other')).toHaveLength(1);
    expect(await dayOf({ visitorId: 'v8' }, 'other')).toEqual([]);
  });
});

it('a page that DynamoDB cuts off loses none of a visitor', async () => {
  const table = await engines.table(['pk', 'sk']);
  const theirs = [0, 59].map((nth) => sessionOf('rare', minute(nth)));
  // A megabyte and more of others in the same partition.
  const [neighbour = ''] = Array.from({ length: 200 }, (_, nth) => `n${nth}`).filter(
    (visitorId) =>
      sessionItem('acme', sessionOf(visitorId, minute(1))).pk ===
      sessionItem('acme', sessionOf('rare', minute(1))).pk,
  );
  const others = Array.from({ length: 30 }, (_, nth) => ({
    ...sessionOf(neighbour, minute(nth + 1)),
    entryPage: '/'.padEnd(100_000, 'x'),
  }));
  for (const session of [...theirs, ...others]) {
    const Item = sessionItem('acme', session);
    await table.client.send(new PutCommand({ TableName: table.name, Item }));
  }
  const store = dynamoSessionStore(table);
  const found: Session[] = [];
  let pages = 0;
  for (let before: string | undefined = '2026-11-24'; before !== undefined; pages += 1) {
    const query = { day: '2026-11-23', from: '2026-11-23', visitorId: 'rare', limit: 10 };
    const page = await store.newest('acme', { ...query, before });
    found.push(...page.sessions);
    before = page.next;
  }
  expect(found).toEqual(newestFirst(theirs));
  expect(pages).toBeGreaterThan(2);
  // All of a day's sessions are as many pages, and none is lost or doubled.
  const seen: string[] = [];
  for (let before: string | undefined = '2026-11-24'; before !== undefined; ) {
    const query = { day: '2026-11-23', from: '2026-11-23', limit: 100 };
    const page = await store.newest('acme', { ...query, before });
    seen.push(...page.sessions.map(({ startedAt, id }) => startedAt + id));
    before = page.next;
  }
  expect(seen).toEqual(
    newestFirst([...theirs, ...others]).map(({ startedAt, id }) => startedAt + id),
  );
});

it('visitors lie in all partitions of a day', () => {
  const used = new Set(
    Array.from(
      { length: 100 },
      (_, nth) => sessionItem('acme', sessionOf(`v${nth}`, minute(0))).pk,
    ),
  );
  expect([...used].sort()).toEqual(sessionPartitions('acme', '2026-11-23'));
  expect(used.size).toBe(SESSION_PARTITIONS);
});
