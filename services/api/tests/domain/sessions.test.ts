import type { Session } from '@millrace/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cursorOf } from '../../src/domain/paging.ts';
import { listSessions } from '../../src/domain/sessions/list-sessions.ts';
import { memorySessionStore, sessionOf } from '../support/session-items.ts';

const START = Date.parse('2026-11-01T00:00:00Z');
const HOUR = 3_600_000;
const timeOf = (hours: number) => new Date(START + hours * HOUR).toISOString();
type Query = Parameters<typeof listSessions>[2];

async function allPages(sessions: readonly Session[], query: Query) {
  const store = memorySessionStore(sessions.map((session) => ({ tenant: 'acme', session })));
  const found: Session[] = [];
  let { cursor } = query;
  let pages = 0;
  do {
    const page = await listSessions(store, 'acme', { ...query, cursor });
    expect(page.items.length).toBeLessThanOrEqual(query.limit);
    found.push(...page.items);
    cursor = page.last === undefined ? undefined : cursorOf(page.last);
    pages += 1;
  } while (cursor !== undefined);
  return { found, pages };
}

describe('sessions', () => {
  const sessions = fc.uniqueArray(
    fc.record({ hours: fc.nat(30 * 24 * 2), visitor: fc.constantFrom('a', 'b', 'c') }),
    { selector: ({ hours, visitor }) => `${hours} ${visitor}`, maxLength: 40 },
  );
  it('are listed the newest first, each once, page by page, of any range', async () => {
    await fc.assert(
      fc.asyncProperty(
        sessions,
        fc.nat(30 * 24),
        fc.integer({ min: 1, max: 30 * 24 }),
        fc.integer({ min: 1, max: 9 }),
        fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
        async (drawn, first, length, limit, visitorId) => {
          const all = drawn.map(({ hours, visitor }) => sessionOf(visitor, timeOf(hours / 2)));
          const [from, to] = [timeOf(first), timeOf(first + length)];
          const { found } = await allPages(all, { from, to, limit, visitorId });
          const expected = all
            .filter(({ startedAt }) => startedAt >= from && startedAt < to)
            .filter((one) => visitorId === undefined || one.visitorId === visitorId)
            .sort((one, other) =>
              `${one.startedAt}#${one.id}` > `${other.startedAt}#${other.id}` ? -1 : 1,
            );
          expect(found).toEqual(expected);
        },
      ),
    );
  });
  it('of a year without visitors are told in a few empty pages', async () => {
    const old = sessionOf('a', timeOf(0));
    const { found, pages } = await allPages([old], {
      ...{ from: timeOf(0), to: timeOf(399 * 24), limit: 25 },
    });
    expect(found).toEqual([old]);
    expect(pages).toBe(7);
  });
  it('are of the times of any offset', async () => {
    const at = sessionOf('a', '2026-11-01T00:30:00.000Z');
    const range = { from: '2026-11-01T09:00:00+09:00', to: '2026-11-01T10:00:00+09:00', limit: 9 };
    expect((await allPages([at], range)).found).toEqual([at]);
  });
  it.each([
    [{ to: timeOf(0) }, 'invalid_request'],
    [{ to: timeOf(401 * 24) }, 'metric_range_too_wide'],
    [{ cursor: 'x' }, 'invalid_cursor'],
    [{ cursor: cursorOf('2026-13-99') }, 'invalid_cursor'],
    [{ cursor: cursorOf('other#sessions#2026-11-01#0') }, 'invalid_cursor'],
  ])('are not listed for %j', async (more, code) => {
    const query = { from: timeOf(0), to: timeOf(24), limit: 25, ...more };
    await expect(listSessions(memorySessionStore([]), 'acme', query)).rejects.toMatchObject({
      code,
    });
  });
  it('are never those of another tenant, whatever the cursor', async () => {
    const store = memorySessionStore([{ tenant: 'other', session: sessionOf('a', timeOf(1)) }]);
    const cursor = cursorOf(timeOf(2));
    const query = { from: timeOf(0), to: timeOf(24), limit: 25, cursor };
    expect(await listSessions(store, 'acme', query)).toEqual({ items: [] });
    expect((await listSessions(store, 'other', query)).items).toHaveLength(1);
  });
});
