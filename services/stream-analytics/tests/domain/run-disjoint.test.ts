import { expect, test } from 'vitest';
import { runDisjoint } from '../../src/domain/counting/run-disjoint.ts';

const piece = (name: string, ...items: string[]) => ({ name, items: new Set(items) });

/** Runs pieces one turn of the event loop each and tells which were at work together. */
async function observe(pieces: ReturnType<typeof piece>[], concurrency: number, failing = '') {
  const running = new Set<string>();
  const together: string[] = [];
  const failed = await runDisjoint(pieces, concurrency, async ({ name }) => {
    running.add(name);
    together.push([...running].sort().join('+'));
    await new Promise((resolve) => setImmediate(resolve));
    running.delete(name);
    if (name === failing) throw new Error(`${name} failed`);
  });
  return { together, failed: failed.map(({ piece, cause }) => [piece.name, String(cause)]) };
}

test('runs pieces of different items side by side, those of one item in turn', async () => {
  const { together } = await observe([piece('a', '1'), piece('b', '1', '2'), piece('c', '3')], 4);
  expect(together).toEqual(['a', 'a+c', 'b+c']);
});

test('runs no more than the given number side by side', async () => {
  const { together } = await observe([piece('a', '1'), piece('b', '2'), piece('c', '3')], 2);
  expect(together.every((names) => names.split('+').length <= 2)).toBe(true);
  expect(together).toHaveLength(3);
});

test('starts nothing after a failure and tells what is left', async () => {
  const pieces = [piece('a', '1'), piece('b', '1'), piece('c', '1')];
  const { together, failed } = await observe(pieces, 4, 'a');
  expect(together).toEqual(['a']);
  expect(failed).toEqual([
    ['a', 'Error: a failed'],
    ['b', 'Error: a failed'],
    ['c', 'Error: a failed'],
  ]);
});
