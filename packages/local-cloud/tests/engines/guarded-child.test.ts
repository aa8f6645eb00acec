import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { spawnGuarded } from '../../src/engines/guarded-child.ts';

it('passes on what the program prints and its exit code', async () => {
  const lines: string[] = [];
  const child = spawnGuarded('sh', ['-c', 'echo out; echo err >&2; exit 7'], (line) =>
    lines.push(line),
  );
  expect(await child.exited).toBe(7);
  await expect.poll(() => lines.sort()).toEqual(['err', 'out']);
});

it('ends the program and everything that it started', async () => {
  const lines: string[] = [];
  const child = spawnGuarded('sh', ['-c', 'sleep 60 & echo started; wait'], (line) =>
    lines.push(line),
  );
  await expect.poll(() => lines).toEqual(['started']);
  await child.stop();
  await expect.poll(() => aliveInGroup(child.pid), { timeout: 10_000 }).toEqual([]);
});

it('tells of a program that does not exist', async () => {
  const lines: string[] = [];
  const child = spawnGuarded('/no/such/program', [], (line) => lines.push(line));
  expect(await child.exited).toBe(127);
  expect(lines.join()).toMatch(/not found/);
});

/** States of the group's processes; one that has ended and waits to be reaped (Z) is not alive. */
function aliveInGroup(group: number): string[] {
  return execFileSync('ps', ['-A', '-o', 'pgid=,stat='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([pgid, state = '']) => (Number(pgid) === group && state[0] !== 'Z' ? [state] : []));
}
