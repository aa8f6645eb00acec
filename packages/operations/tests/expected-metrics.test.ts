import { MillraceEvent, validate } from '@millrace/types';
import { describe, expect, it } from 'vitest';
import { expectedMetrics } from '../src/demo/expected-metrics.ts';
import { malformedEvents, sampleEvents } from '../src/demo/sample-events.ts';

const run = { runId: 'run', startedAt: '2026-11-23T09:00:00.000Z', finished: false };

describe('the sample of the demo', () => {
  it('holds only events that the contract takes', () => {
    expect(sampleEvents(run).filter((event) => !validate(MillraceEvent, event).ok)).toEqual([]);
  });

  it('holds only malformed events that the contract refuses', () => {
    expect(malformedEvents(run).filter((event) => validate(MillraceEvent, event).ok)).toEqual([]);
  });

  it('expects forty of each type', () => {
    const expected = expectedMetrics(sampleEvents(run));
    for (const metric of ['activity', 'click', 'order', 'log', 'post', 'telemetry'] as const) {
      expect(expected.get(metric)?.count, metric).toBe(40);
    }
  });

  it('expects sums that were added up by hand', () => {
    const [first, second] = sampleEvents(run).filter((event) => event.type === 'millrace.order.v1');
    if (!first || !second) throw new Error('The sample holds no orders.');
    // 1 × 1250 + 2 × 1251
    expect(expectedMetrics([first, second]).get('order')).toEqual({
      count: 2,
      sumHundredths: 375_200,
    });
  });
});
