import { expect, it } from 'vitest';
import { createShardProgress } from '../../src/triggers/streams/progress.ts';

it('counts what is not done, not what is done behind a gap', () => {
  const progress = createShardProgress();
  for (const number of [1, 2, 3, 4, 5, 6]) progress.add(String(number), number);
  progress.complete('3');
  progress.complete('5', 'filtered');
  progress.complete('4');
  expect(progress.pending).toBe(3);
  expect(progress.checkpoint).toBeUndefined();
  progress.complete('1');
  expect([progress.checkpoint, progress.filtered, progress.oldestPending]).toEqual(['1', 0, 2]);
  progress.complete('2');
  expect([progress.checkpoint, progress.filtered, progress.oldestPending]).toEqual(['5', 1, 6]);
  progress.complete('6');
  expect([progress.checkpoint, progress.pending, progress.oldestPending]).toEqual([
    '6',
    0,
    undefined,
  ]);
});

it('holds no more than the gaps while one lane is stuck and the others go on', () => {
  const progress = createShardProgress();
  progress.add('0', 0);
  for (let number = 1; number <= 100_000; number += 1) {
    progress.add(String(number), number);
    progress.complete(String(number));
  }
  expect(progress.pending).toBe(1);
  progress.complete('0');
  expect(progress.checkpoint).toBe('100000');
});
