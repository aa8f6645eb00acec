import { expect, it } from 'vitest';
import { runSql } from '../sql/run.ts';

it('measures the sink beside a hand-written statement, here of a few changes', async () => {
  const lines: string[] = [];
  expect(await runSql(['--rounds', '1', '--scale', '0.02'], (line) => lines.push(line))).toBe(0);
  const text = lines.join('\n');
  expect(text).toMatch(/hand-written +[\d,]+ upserts\/s\n {2}sink +[\d,]+ upserts\/s\n/);
  expect(text).toMatch(/of the hand-written statement: \d+\.\d\d$/);
  await expect(runSql(['--rounds', '0'], () => {})).rejects.toThrow('--rounds');
}, 240_000);
