import { expect, test } from 'vitest';
import { eventually } from '../../src/stack/testing.ts';

test('asks until it is so, and gives what it was told then', async () => {
  let asked = 0;
  const read = async () => ({ asked: ++asked });
  expect(await eventually(read, (value) => value.asked === 3, { everyMs: 0 })).toEqual({
    asked: 3,
  });
});

test('says what was waited for and what was read last when the time is over', async () => {
  const waiting = eventually(
    async () => ({ item: { status: 'processing' } }),
    ({ item }) => item.status === 'ready',
    { timeoutMs: -1 },
  );
  await expect(waiting).rejects.toThrow(/status === ['"]ready['"].*status: 'processing'/s);
});

test('does not wait where reading fails', async () => {
  const failure = new Error('no such table');
  let asked = 0;
  const read = async () => {
    asked += 1;
    throw failure;
  };
  await expect(eventually(read, () => true, { everyMs: 0 })).rejects.toBe(failure);
  expect(asked).toBe(1);
});
