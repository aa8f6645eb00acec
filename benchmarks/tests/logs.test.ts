import { expect, it } from 'vitest';
import { FORMATS } from '../logs/generate.ts';
import { runLogs } from '../logs/run.ts';

it('measures every form of log and the memory of a file, here of a few lines', async () => {
  const lines: string[] = [];
  expect(await runLogs(['--rounds', '1', '--scale', '0.002'], (line) => lines.push(line))).toBe(0);
  const figures = lines.filter((line) => /^ {2}[a-z-]+( +[\d,]+){3} +\d+\.\d\d$/.test(line));
  expect(figures).toHaveLength(FORMATS.length);
  expect(lines.at(-1)).toMatch(/MiB of combined in .* at most \d+ MiB of memory/);
  await expect(runLogs(['--rounds', '0'], () => {})).rejects.toThrow('--rounds');
});
