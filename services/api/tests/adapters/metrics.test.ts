import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoMetricStore } from '../../src/adapters/dynamo-metric-store.ts';
import type { MetricStore } from '../../src/domain/metrics/ports.ts';
import { type Engines, startEngines } from '../support/engines.ts';
import { type Counted, memoryMetricStore, metricItem, putMetric } from '../support/metric-items.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await startEngines();
});
afterAll(() => engines.close());

const order = { metric: 'order', window: '1m', by: { currency: 'KRW' }, count: 2 } as const;
const minutes = ['08:59', '09:00', '09:01', '10:00'].map((at) => `2026-11-23T${at}:00Z`);
const kept: Counted = {
  metric: 'activity.terms',
  window: '1d',
  start: '2026-11-23T00:00:00Z',
  by: { name: 'searched', property: 'query' },
  count: 3,
  values: [0.25, -4],
  members: ['a', 'b'],
  terms: ['a', 'a', 'b'],
};
const items = [
  ...minutes.map((start) => metricItem({ ...order, start, sum: '9007199254740993.1' })),
  metricItem({ ...order, start: minutes[1] ?? '', writer: '1', sum: '-5' }),
  metricItem({ ...order, start: minutes[1] ?? '', tenant: 'other' }),
  metricItem({ ...order, start: '2026-11-23T09:00:00Z', window: '1h' }),
  metricItem(kept),
];

const stores: [string, () => Promise<MetricStore>][] = [
  ['in memory', async () => memoryMetricStore(items)],
  [
    'in DynamoDB',
    async () => {
      const { name } = await engines.table(['pk', 'sk']);
      for (const item of items) await putMetric(engines.dynamo, name, item);
      return dynamoMetricStore(engines.dynamo, name);
    },
  ],
];

describe.each(stores)('metrics %s', (_name, open) => {
  let store: MetricStore;
  beforeAll(async () => {
    store = await open();
  });

  it('come window by window, from the first to before the last, of every writer, with exact sums', async () => {
    const range = { from: '2026-11-23T09:00:00Z', to: '2026-11-23T10:00:00Z' };
    const found: unknown[] = [];
    for await (const { start, dimensions, count, sum } of store.slices('acme', 'order', {
      window: '1m',
      ...range,
    })) {
      found.push({ start, dimensions, count, sum });
    }
    expect(found).toEqual(
      [
        [minutes[1], '9007199254740993.1'],
        [minutes[1], '-5'],
        [minutes[2], '9007199254740993.1'],
      ].map(([start, sum]) => ({ start, dimensions: { currency: 'KRW' }, count: 2, sum })),
    );
  });

  it('come with the sketches that they keep', async () => {
    const day = { window: '1d', from: kept.start, to: '2026-11-24T00:00:00Z' } as const;
    for await (const slice of store.slices('acme', 'activity.terms', day)) {
      const { min, max, quantiles, distinct, top } = metricItem(kept);
      expect({ ...slice }).toMatchObject({ min, max });
      for (const [sketch, expected] of [
        [slice.quantiles, quantiles],
        [slice.distinct, distinct],
        [slice.top, top],
      ]) {
        expect(Buffer.from(sketch ?? [])).toEqual(Buffer.from(expected ?? []));
      }
      return;
    }
    throw new Error('There is nothing.');
  });
});
