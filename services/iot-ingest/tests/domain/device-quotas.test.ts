import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leasedQuotas } from '../../src/domain/quota/device-quotas.ts';
import { memoryQuotaCounter } from '../model/memory-quota-counter.ts';

const MINUTE = 60_000;
const NOON = Date.parse('2026-11-24T12:00:00Z');
const quota = { perMinute: 6, burst: 20 };

describe('quotas of devices', () => {
  test('whatever the order, the environments and what is given back, no more than the quota is taken', async () => {
    const messages = fc.array(
      fc.record({
        sender: fc.constantFrom('a', 'b'),
        minute: fc.integer({ min: 0, max: 19 }),
        environment: fc.integer({ min: 0, max: 2 }),
        fails: fc.boolean(),
      }),
      { maxLength: 400 },
    );
    await fc.assert(
      fc.asyncProperty(messages, async (list) => {
        const counter = memoryQuotaCounter();
        const environments = [0, 1, 2].map(() => leasedQuotas(counter));
        const perMinute = new Map<string, number>();
        const perWindow = new Map<string, number>();
        for (const { sender, minute, environment, fails } of list) {
          const at = NOON + minute * MINUTE + 123;
          const answer = await environments[environment]?.take(sender, at, quota);
          if (!answer?.isTaken) continue;
          if (fails) {
            answer.giveBack();
            continue;
          }
          const window = `${sender} ${Math.floor(minute / 10)}`;
          perMinute.set(`${sender} ${minute}`, (perMinute.get(`${sender} ${minute}`) ?? 0) + 1);
          perWindow.set(window, (perWindow.get(window) ?? 0) + 1);
        }
        expect(Math.max(0, ...perMinute.values())).toBeLessThanOrEqual(20);
        expect(Math.max(0, ...perWindow.values())).toBeLessThanOrEqual(60);
      }),
    );
  });

  test('one environment takes the whole quota, and no message of another minute pays for it', async () => {
    const quotas = leasedQuotas(memoryQuotaCounter());
    const taken = async (minute: number, tries: number) => {
      let count = 0;
      for (let n = 0; n < tries; n += 1) {
        if ((await quotas.take('a', NOON + minute * MINUTE, quota)).isTaken) count += 1;
      }
      return count;
    };
    // Ten minutes hold 60; each minute 20.
    expect([await taken(0, 50), await taken(1, 50), await taken(2, 50)]).toEqual([20, 20, 20]);
    expect(await taken(3, 50)).toBe(0);
    expect(await taken(10, 50)).toBe(20);
  });

  test('says when to come again: the next minute, or the next ten', async () => {
    const quotas = leasedQuotas(memoryQuotaCounter());
    const refusalAt = async (at: number) => {
      for (;;) {
        const answer = await quotas.take('a', at, quota);
        if (!answer.isTaken) return answer.retryAfterSeconds;
      }
    };
    expect(await refusalAt(NOON + 15_000)).toBe(45);
    expect(await refusalAt(NOON + MINUTE)).toBe(60);
    expect(await refusalAt(NOON + 2 * MINUTE)).toBe(8 * 60);
  });

  test('a flood costs a write for every eight that are taken, and none for what is refused', async () => {
    const counter = memoryQuotaCounter();
    const quotas = leasedQuotas(counter);
    const flooding = { perMinute: 120, burst: 240 };
    for (let n = 0; n < 10_000; n += 1) await quotas.take('a', NOON, flooding);
    expect(counter.asked()).toBeLessThan(60);
  });

  test('a raised quota is heard in the same minute', async () => {
    const quotas = leasedQuotas(memoryQuotaCounter());
    while ((await quotas.take('a', NOON, quota)).isTaken);
    expect((await quotas.take('a', NOON, { perMinute: 6, burst: 21 })).isTaken).toBe(true);
  });

  test('a quota of nothing takes nothing', async () => {
    const quotas = leasedQuotas(memoryQuotaCounter());
    expect((await quotas.take('a', NOON, { perMinute: 0, burst: 0 })).isTaken).toBe(false);
  });
});
