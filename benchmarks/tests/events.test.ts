import { expect, it } from 'vitest';
import { runEvents } from '../events/run.ts';

it('measures validation and counting, beside a record at a time, and what it costs', async () => {
  process.env.POWERTOOLS_METRICS_DISABLED = 'true';
  const lines: string[] = [];
  expect(await runEvents(['--rounds', '1', '--scale', '0.02'], (line) => lines.push(line))).toBe(0);
  const text = lines.join('\n');
  expect(text).toMatch(/clicks of 200 visitors +[\d,]+( +[\d,]+ +\d+\.\d\d){2}\n/);
  expect(
    text.match(/readings of 1,000 devices +(10|1,000|10,000) +[\d,]+( +\d+\.\d\d){5}/g),
  ).toHaveLength(3);
  await expect(runEvents(['--rounds', '0'], () => {})).rejects.toThrow('--rounds');
});
