import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorSample } from '../../../src/domain/processors/log/error-sample.ts';
import { pathCounts } from '../../../src/domain/processors/log/path-counts.ts';

describe('counts by path', () => {
  it('are exact while there are few, the most frequent first', () => {
    const counts = pathCounts();
    for (const path of ['/b', '/a', '/c', '/a', '/b']) counts.add(path);
    expect(counts.top(2)).toEqual([
      { path: '/a', lines: 2 },
      { path: '/b', lines: 2 },
    ]);
  });

  it('are too low by less than a bound when there are many, and never too high', () => {
    const paths = fc.array(fc.oneof(fc.integer({ max: 5, min: 0 }), fc.nat(2000)), {
      maxLength: 3000,
    });
    fc.assert(
      fc.property(paths, (stream) => {
        const maxPaths = 40;
        const counts = pathCounts(maxPaths);
        const exact = new Map<string, number>();
        for (const number of stream) {
          const path = `/${number}`;
          counts.add(path);
          exact.set(path, (exact.get(path) ?? 0) + 1);
        }
        const told = new Map(counts.top(maxPaths).map(({ path, lines }) => [path, lines]));
        for (const [path, lines] of exact) {
          const count = told.get(path) ?? 0;
          expect(count).toBeLessThanOrEqual(lines);
          expect(count).toBeGreaterThanOrEqual(lines - stream.length / (maxPaths / 2));
        }
      }),
    );
  });
});

describe('the sample of errors', () => {
  const sampled = (statuses: Iterable<string>) => {
    const sample = errorSample([{ name: 'n', type: 'int64' }]);
    let line = 0;
    for (const status of statuses) sample.add(status, ++line, [BigInt(line)]);
    return Buffer.from(sample.toJsonLines()).toString().split('\n').slice(0, -1);
  };

  it('has rare statuses among many others, in the order of the file', () => {
    const statuses = Array.from({ length: 5000 }, (_, index) => (index === 4321 ? '503' : '404'));
    const lines = sampled(statuses).map((text) => JSON.parse(text));
    expect(lines).toHaveLength(21);
    expect(lines).toContainEqual({ line: 4322, n: 4322 });
    expect(lines.map(({ line }) => line)).toEqual(
      lines.map(({ n }) => n).toSorted((a, b) => a - b),
    );
  });

  it('comes from all parts of the file, and is the same for the same file', () => {
    const statuses = Array.from({ length: 50_000 }, () => '404');
    const lines = sampled(statuses);
    expect(lines).toEqual(sampled(statuses));
    const late = lines.filter((text) => JSON.parse(text).line > 25_000);
    expect(late.length).toBeGreaterThan(3);
    expect(late.length).toBeLessThan(17);
  });

  it('stays small whatever a file calls a status', () => {
    expect(sampled(Array.from({ length: 10_000 }, (_, index) => `status ${index}`))).toHaveLength(
      32,
    );
  });
});
