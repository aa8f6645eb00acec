import { ExactNumber, type Operations } from '@millrace/middleware/http';
import type { MeterUsage } from '@millrace/types';
import {
  heardOf,
  type ReadingPoint,
  type ReadingPorts,
  readingsRangeOf,
  readReadings,
} from '../domain/readings/read-readings.ts';
import { readUsage } from '../domain/readings/read-usage.ts';

export function deviceReadingOperations(ports: ReadingPorts) {
  return {
    async getReadings({ caller: { tenant }, params: { id }, query }) {
      const device = { tenant, deviceId: id };
      const range = readingsRangeOf(query);
      const state = await heardOf(ports, device);
      const points = await readReadings(ports.readings, device, range);
      const last = mapValues(state?.latest ?? {}, ({ value, time }) => ({ value, time }));
      return {
        body: {
          deviceId: id,
          ...range,
          points: points.map(presentPoint),
          last,
          ...(state && { seenAt: state.seenAt }),
          ...(state?.outage && { offlineSince: state.outage.since }),
        },
      };
    },
    async getUsage({ caller: { tenant }, params: { id }, query: { month } }) {
      const device = { tenant, deviceId: id };
      await heardOf(ports, device);
      const usage = await readUsage(ports.readings, device, month, Date.now());
      const { month: asked, status, closesAt, adjustments } = usage;
      return {
        body: {
          deviceId: id,
          month: asked,
          status,
          closesAt,
          ...presentBilled(usage),
          adjustments: adjustments.map((one) => ({
            originMonth: one.originMonth,
            ...presentBilled(one),
          })),
        },
      };
    },
  } satisfies Operations;
}

function presentPoint({ metrics, ...point }: ReadingPoint) {
  return {
    ...point,
    metrics: mapValues(metrics, (summary) => ({ ...summary, sum: new ExactNumber(summary.sum) })),
  };
}

function presentBilled({
  readings,
  meters,
  others,
}: {
  readonly readings: number;
  readonly meters: Readonly<Record<string, MeterUsage>>;
  readonly others?: MeterUsage;
}) {
  return {
    readings,
    meters: mapValues(meters, presentMeter),
    ...(others && { others: presentMeter(others) }),
  };
}

function presentMeter({ quantity, readings }: MeterUsage) {
  return { quantity: new ExactNumber(quantity), readings };
}

function mapValues<V, R>(record: Readonly<Record<string, V>>, change: (value: V) => R) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
