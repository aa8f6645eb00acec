import { describe, expect, it } from 'vitest';
import { percentile } from '../statistics.ts';
import type { Measurement } from '../triggers/measure.ts';
import { behind, compare } from '../triggers/report.ts';
import { readOptions, runTriggers } from '../triggers/run.ts';
import { SOURCE_NAMES, type SourceName } from '../triggers/sources.ts';

describe('the benchmark of the triggers', () => {
  it('measures every source on the stack, with a few events each', async () => {
    const lines: string[] = [];
    const options = readOptions(['--solo', '--rounds', '1', '--scale', '0.01', '--state', 'disk']);
    expect(await runTriggers(options, (line) => lines.push(line))).toBe(0);
    const rows = lines.join('\n').match(/^\| \w+( \| [\d.]+){3} \|$/gm) ?? [];
    expect(rows.map((row) => row.split(' ')[1])).toEqual([...SOURCE_NAMES]);
  }, 180_000);

  it('refuses what it cannot do, naming it', () => {
    expect(() => readOptions(['--sources', 's3,carrier-pigeon'])).toThrow('carrier-pigeon');
    expect(() => readOptions(['--rounds', '0'])).toThrow('--rounds');
    expect(() => readOptions(['--scale', 'much'])).toThrow('--scale');
    expect(() => readOptions(['--state', 'tape'])).toThrow('--state');
  });
});

describe('a comparison', () => {
  const measured = (p50: number, p99: number, eventsPerSecond: number) =>
    new Map<SourceName, Measurement>([['sqs', { p50, p99, eventsPerSecond, disturbed: 0 }]]);
  const of = (ours: ReturnType<typeof measured>, theirs: ReturnType<typeof measured>) =>
    compare(new Map(Object.entries({ ours, theirs })), 'ours', 'theirs');

  it('says how many times better, whichever way better is', () => {
    expect(of(measured(2, 5, 900), measured(4, 10, 300)).map(({ ratio }) => ratio)).toEqual([
      2, 2, 3,
    ]);
  });

  it('counts a figure that is equal, worse or missing as behind', () => {
    const figures = of(measured(4, 11, Number.NaN), measured(4, 10, 300));
    expect(behind(figures)).toHaveLength(3);
    expect(behind(of(measured(2, 5, 900), measured(4, 10, 300)))).toEqual([]);
  });
});

describe('a percentile', () => {
  it('is a value that was seen, whatever the order', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([50, 99, 100].map((percent) => percentile(values, percent))).toEqual([50, 99, 100]);
    expect(percentile([7], 99)).toBe(7);
  });
});
