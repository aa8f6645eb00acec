import { describe, expect, it } from 'vitest';
import { chartPaths } from '../../src/page/browser/chart.ts';
import { createHistory } from '../../src/page/browser/history.ts';
import type { CloudStatus, MappingStatus } from '../../src/page/status.ts';

const status = (delivered: number, id = 'm'): CloudStatus =>
  ({
    mappings: [{ id, delivered, shards: [] } as unknown as MappingStatus],
  }) as unknown as CloudStatus;

describe('the history of a mapping', () => {
  it('knows how many records a second were delivered between two looks', () => {
    const history = createHistory(60_000);
    history.add(0, status(100));
    history.add(2_000, status(150));
    expect(history.of('m').map(({ rate }) => rate)).toEqual([0, 25]);
    expect(history.totalRate()).toBe(25);
  });

  it('evens bursts out over a few seconds, and knows when they are over', () => {
    const history = createHistory(60_000);
    for (const [second, delivered] of [0, 10, 10, 20, 20, 30, 30, 30, 30, 30, 30].entries()) {
      history.add(second * 1_000, status(delivered));
    }
    const rates = history.of('m').map(({ rate }) => rate);
    expect(rates.slice(4, 7)).toEqual([5, 6, 4]);
    expect(rates.at(-1)).toBe(0);
  });

  it('takes a counter that went back for a new beginning, not for a negative rate', () => {
    const history = createHistory(60_000);
    history.add(0, status(100));
    history.add(1_000, status(3));
    history.add(2_000, status(5));
    expect(history.of('m').map(({ rate }) => rate)).toEqual([0, 0, 2]);
  });

  it('forgets what is older than its span, and mappings that are gone', () => {
    const history = createHistory(10_000);
    for (let at = 0; at <= 100_000; at += 1_000) history.add(at, status(at));
    expect(history.of('m')).toHaveLength(11);
    history.add(101_000, status(0, 'other'));
    expect(history.of('m')).toEqual([]);
  });

  it('stays small when statuses come in a burst', () => {
    const history = createHistory(10_000);
    for (let at = 0; at < 10_000; at += 1) history.add(at, status(at));
    expect(history.of('m').length).toBeLessThanOrEqual(40);
  });
});

describe('a chart', () => {
  const area = { width: 100, height: 10, from: 0, to: 10 };

  it('draws time from the left to the right and the highest value at the upper edge', () => {
    const points = [
      { at: 0, value: 0 },
      { at: 5, value: 4 },
      { at: 10, value: 2 },
    ];
    expect(chartPaths(points, area, 1)).toEqual({
      line: 'M0.0 10.0L50.0 0.0L100.0 5.0',
      area: 'M0.0 10L0.0 10.0L50.0 0.0L100.0 5.0L100.0 10Z',
      top: 4,
    });
  });

  it('does not blow up what is below its least height, and draws no line of one point', () => {
    expect(chartPaths([{ at: 1, value: 0.2 }], area, 1)).toEqual({ line: '', area: '', top: 1 });
  });
});
