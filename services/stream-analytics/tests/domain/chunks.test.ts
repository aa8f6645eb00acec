import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunksOf, MOST_ACTIONS } from '../../src/domain/counting/chunks.ts';
import { contributionsOf, merged } from '../../src/domain/counting/contributions.ts';
import { slicesOf } from '../../src/domain/counting/slices.ts';
import { clickEvent, distinctEvents, largeReading } from '../model/events.ts';

test('no chunk passes 100 actions and no slice is lost', () => {
  fc.assert(
    fc.property(distinctEvents, (events) => {
      const slices = events.flatMap(({ event, tenant }, at) => slicesOf(event, tenant, at));
      const chunks = chunksOf(slices);
      for (const chunk of chunks) {
        const items = merged(chunk.slices.flatMap(({ increments }) => increments)).length;
        expect(chunk.items.size).toBe(items);
        expect(chunk.slices.length + items).toBeLessThanOrEqual(MOST_ACTIONS);
      }
      const claims = chunks.flatMap((chunk) => chunk.slices.map(({ claim }) => claim));
      expect(claims.toSorted()).toEqual(slices.map(({ claim }) => claim).toSorted());
    }),
  );
});

test('events of one item share its write', () => {
  const slices = Array.from({ length: 99 }, (_, at) => clickEvent(String(at))).flatMap(
    ({ event, tenant }, at) => slicesOf(event, tenant, at),
  );
  expect(chunksOf(slices)).toHaveLength(1);
});

test('a reading of 201 items is split into slices with claims of their own', () => {
  const { event, tenant } = largeReading('r1');
  const slices = slicesOf(event, tenant, 0);
  expect(slices.map(({ increments }) => increments.length)).toEqual([49, 49, 49, 49, 5]);
  expect(new Set(slices.map(({ claim }) => claim)).size).toBe(5);
  expect(new Set(slices.flatMap((one) => one.increments.map(({ sk }) => sk))).size).toBe(201);
});

test('how an event is split and claimed stays as it was: what is stored depends on it', () => {
  const { event, tenant } = largeReading('r1', 30);
  expect(
    slicesOf(event, tenant, 0).map(({ claim, increments }) => [claim, increments.length]),
  ).toEqual([
    ['counted#NJELJ07DZTqMHPDtbcM7VMU2IGsctDNPCLrLECJIEFY', 49],
    ['counted#NJELJ07DZTqMHPDtbcM7VMU2IGsctDNPCLrLECJIEFY#1', 12],
  ]);
});

test('the largest items stay far below the 4 MB of a transaction', () => {
  const { event } = clickEvent('1', {
    type: 'millrace.log.v1',
    data: { service: '한'.repeat(128), level: 'trace', message: '' },
  });
  const [increment] = contributionsOf(event, 't'.repeat(128));
  const text = JSON.stringify({ ...increment, sum: '9'.repeat(38) });
  // Twice over: the names of attributes and the expression travel too.
  expect(Buffer.byteLength(text) * 2 * MOST_ACTIONS).toBeLessThan(1_000_000);
});
