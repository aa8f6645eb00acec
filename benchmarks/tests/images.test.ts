import { expect, it } from 'vitest';
import { readOptions, runImages } from '../images/run.ts';

it('measures the three ways of making thumbnails, here of one small picture', async () => {
  const lines: string[] = [];
  const options = readOptions(['--rounds', '1', '--pictures', '1']);
  const small = { width: 1400, height: 1000 };
  expect(await runImages(options, (line) => lines.push(line), small)).toBe(0);
  const figures = lines.join('\n').match(/^\| (?:Millrace|sharp)[^|]*\| \d+\.\d \|/gm) ?? [];
  expect(figures).toHaveLength(3);
  expect(() => readOptions(['--rounds', '0'])).toThrow('--rounds');
});
