import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createCloudClock, readAdvance } from '../../src/cloud-clock.ts';
import { createMovableClock } from '../../src/movable-clock.ts';
import { openState } from '../../src/state.ts';
import { createVirtualClock } from '../triggers/virtual-clock.ts';

const day = 86_400_000;
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('wakes those whose time was skipped, in the order of their instants', async () => {
  const clock = createMovableClock(createVirtualClock());
  const woken: string[] = [];
  for (const [name, ms] of [
    ['week', 7 * day],
    ['day', day],
    ['year', 365 * day],
  ] as const) {
    void clock.sleep(ms).then(() => woken.push(name));
  }
  clock.advance(10 * day);
  await turn();
  expect(woken).toEqual(['day', 'week']);
  clock.advance(400 * day);
  await turn();
  expect(woken).toEqual(['day', 'week', 'year']);
});

it('sleeps by the clock beneath as long as nothing moves it', async () => {
  const base = createVirtualClock();
  const clock = createMovableClock(base);
  let awake = false;
  void clock.sleep(60 * day).then(() => {
    awake = true;
  });
  await base.advance(59 * day);
  expect(awake).toBe(false);
  await base.advance(day);
  expect(awake).toBe(true);
});

it('tells a sleeper that was aborted from one that slept', async () => {
  const clock = createMovableClock(createVirtualClock());
  const stop = new AbortController();
  const slept = [clock.sleep(day), clock.sleep(2 * day, stop.signal)];
  stop.abort();
  clock.advance(day);
  expect(await Promise.all(slept)).toEqual([true, false]);
  expect(await clock.sleep(1, stop.signal)).toBe(false);
});

it('knows what it showed when something was noted by the clock beneath, and back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ wait: fc.nat(1_000), jump: fc.nat(100_000) }), { maxLength: 20 }),
      (steps) => {
        let base = 1_000_000;
        const clock = createMovableClock({ now: () => base, sleep: async () => true });
        const noted = [{ base, shown: clock.now() }];
        base += 1;
        for (const { wait, jump } of steps) {
          clock.advance(jump);
          base += wait + 1;
          noted.push({ base, shown: clock.now() });
          // At the very instant of an advance both answers are right.
          base += 1;
        }
        for (const { base: instant, shown } of noted) {
          expect(clock.arrivalOf(instant)).toBe(shown);
          expect(clock.beneath(shown)).toBe(instant);
        }
        // Whatever is asked, the order stays.
        const instants = noted.map((one) => clock.arrivalOf(one.base));
        expect(instants).toEqual(instants.toSorted((a, b) => a - b));
      },
    ),
  );
});

it('gives a skipped instant as the moment of its skip', () => {
  let base = 1_000;
  const clock = createMovableClock({ now: () => base, sleep: async () => true });
  clock.advance(day);
  base += 500;
  expect(clock.beneath(1_000 + day / 2)).toBe(1_000);
  expect(clock.beneath(900)).toBe(900);
});

it('does not go back in time when the cloud starts again', () => {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-clock-'));
  const base = createVirtualClock();
  const first = openState(dir);
  const clock = createCloudClock(first, base);
  clock.advance(3 * day);
  clock.advance(day);
  const shown = clock.now();
  // kill -9: nothing is closed; the database is what the next process finds.
  const second = openState(dir);
  const again = createCloudClock(second, base);
  expect(again.now()).toBe(shown);
  expect(again.offsetMs).toBe(4 * day);
  expect(again.arrivalOf(base.now() - 1)).toBe(base.now() - 1);
  second.close();
  first.close();
  rmSync(dir, { recursive: true });
});

it('shows whole milliseconds however it is moved, and was moved in an earlier life', () => {
  const earlier = [{ at: 0, offsetMs: 0.25 }];
  const clock = createMovableClock(createVirtualClock(1_000), earlier);
  expect(clock.now()).toBe(1_001);
  const told: number[] = [];
  clock.onAdvance((ms) => told.push(ms));
  for (const ms of [0.5, 1.25, 2, 0]) clock.advance(ms);
  expect(told).toEqual([1, 2, 2, 0]);
  expect([clock.now(), clock.offsetMs]).toEqual([1_006, 6]);
});

it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('does not move by %s', (ms) => {
  const clock = createMovableClock(createVirtualClock());
  expect(() => clock.advance(ms)).toThrow(RangeError);
  expect(clock.offsetMs).toBe(0);
});

it('does not move when the advance cannot be stored', () => {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-clock-'));
  const state = openState(dir);
  const clock = createCloudClock(state, createVirtualClock());
  state.db.exec('PRAGMA query_only = ON');
  expect(() => clock.advance(day)).toThrow();
  expect(clock.offsetMs).toBe(0);
  state.close();
  rmSync(dir, { recursive: true });
});

it.each([
  { advanceMs: -1 },
  { advanceMs: 1.5 },
  { advanceMs: '60000' },
  { advanceMs: Number.NaN },
  { advanceMs: 1e15 },
  { advanceMs: 1, by: 2 },
  {},
])('refuses to be moved by %o', (body) => {
  expect(() => readAdvance(body, 0)).toThrow(expect.objectContaining({ code: 'CLOCK_INVALID' }));
});
