import fc from 'fast-check';
import { expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { draw } from '../../src/faults/draw.ts';
import { createFaults } from '../../src/faults/faults.ts';
import { matchesGlob } from '../../src/faults/glob.ts';
import { createOccurrences } from '../../src/faults/occurrences.ts';
import type { FunctionInvoker, InvokeResult } from '../../src/ports.ts';

const answered: InvokeResult = { kind: 'success', payload: null, requestId: 'r' };
const base: FunctionInvoker = { invoke: async () => answered };
const ordinary = { kill: 0, throttle: 0.25, error: 0.25, loseAnswer: 0.25 };

const kinesisEvent = (key: string, sequenceNumber: number) =>
  JSON.stringify({
    Records: [{ kinesis: { partitionKey: key, data: key, sequenceNumber: `${sequenceNumber}` } }],
  });

function kindOf(result: InvokeResult): string {
  return result.kind;
}

/** What befalls each of the events when they are delivered in this order, each `times` times. */
async function fates(seed: number, keys: readonly string[], times: number) {
  const faults = createFaults({ seed, invocations: [ordinary] });
  const invoker = faults.invoker(base, systemClock);
  const met = new Map<string, string[]>();
  let sequence = 0;
  for (let time = 0; time < times; time += 1) {
    await Promise.all(
      keys.map(async (key) => {
        sequence += 1;
        const result = await invoker.invoke('work', kinesisEvent(key, sequence));
        met.set(key, [...(met.get(key) ?? []), kindOf(result)]);
      }),
    );
  }
  return { met: Object.fromEntries([...met].sort()), injected: faults.status() };
}

it('makes the same decisions for the same seed, whatever comes before and beside', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 2 ** 40 }),
      fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      async (seed, keys, times) => {
        const one = await fates(seed, keys, times);
        const other = await fates(seed, keys.toReversed(), times);
        expect(other.met).toEqual(one.met);
        expect(other.injected).toEqual(one.injected);
      },
    ),
    { numRuns: 100 },
  );
});

it('makes other decisions for another seed', async () => {
  const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
  expect((await fates(1, keys, 2)).met).not.toEqual((await fates(2, keys, 2)).met);
});

it('hits as often as the plan says', async () => {
  const faults = createFaults({ seed: 7, invocations: [{ throttle: 0.1, error: 0.3 }] });
  const invoker = faults.invoker(base, systemClock);
  for (let index = 0; index < 10_000; index += 1) await invoker.invoke('work', `{"n":${index}}`);
  const injected = faults.status()?.injected ?? {};
  // Four standard deviations on either side.
  expect(Math.abs((injected['invocations.throttle'] ?? 0) - 1_000)).toBeLessThan(120);
  expect(Math.abs((injected['invocations.error'] ?? 0) - 3_000)).toBeLessThan(184);
});

it('draws evenly, and unlike for neighbouring keys', () => {
  const tenths = new Array<number>(10).fill(0);
  for (let index = 0; index < 20_000; index += 1) {
    const place = Math.floor(draw(3, 'x', index) * 10);
    tenths[place] = (tenths[place] ?? 0) + 1;
  }
  const chiSquare = tenths.reduce((sum, count) => sum + (count - 2_000) ** 2 / 2_000, 0);
  // 9 degrees of freedom: above 33.7 one time in ten thousand. The draws are fixed, so is this.
  expect(chiSquare).toBeLessThan(33.7);
});

it('draws a repeated delivery anew, so that none is refused for ever', async () => {
  const faults = createFaults({ seed: 1, invocations: [{ error: 0.9 }] });
  const invoker = faults.invoker(base, systemClock);
  let tries = 1;
  while ((await invoker.invoke('work', '{}')).kind !== 'success') tries += 1;
  expect(tries).toBeLessThan(200);
});

it('remembers a bounded number of things, and gives what it forgot a number that is new', () => {
  const seen = createOccurrences(3);
  expect(['a', 'a', 'b', 'c', 'd'].map((key) => seen.next(key))).toEqual([1, 2, 1, 1, 1]);
  expect(seen.next('a')).toBe(3);
});

it('matches names by glob', () => {
  const names = ['millrace-etl-local-load', 'millrace-api-local-http', 'a.b'];
  expect(names.filter((name) => matchesGlob('*-etl-*', name))).toEqual([names[0]]);
  expect(names.filter((name) => matchesGlob('a?b', name))).toEqual(['a.b']);
  expect(names.filter((name) => matchesGlob('a.b*', name))).toEqual(['a.b']);
  expect(matchesGlob('load', 'millrace-etl-local-load')).toBe(false);
});
