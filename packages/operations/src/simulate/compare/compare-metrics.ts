import type { MetricName } from '@millrace/types';
import type { ApiClient } from '../../demo/api-client.ts';
import { addSums, formatUnits, isSameSum, NOTHING, type Sum } from '../expected/sum.ts';
import type { Totals } from '../expected/totals.ts';
import { readMetric, type Span } from '../platform/read-metric.ts';
import { type Line, line, lineOfMany } from './line.ts';

type ByName = ReadonlyMap<string, Sum>;

/** What the API says of the three metrics of telemetry, over all tenants, beside what it must say. */
export async function compareMetrics(
  apis: readonly ApiClient[],
  span: Span,
  totals: Totals,
): Promise<Line[]> {
  const read = async (metric: MetricName, dimension: string) =>
    merge(await Promise.all(apis.map((api) => readMetric(api, metric, dimension, span))));
  const readings = await read('telemetry', 'deviceId');
  const metrics = await read('telemetry.metric', 'deviceId');
  const metricNames = await read('telemetry.metric', 'metric');
  const usage = await read('telemetry.usage', 'deviceId');
  const meters = await read('telemetry.usage', 'meter');
  return [
    line('metric telemetry', `${totals.readings.count}`, `${total(readings).count}`),
    ofDevices('readings', totals.readingsByDevice, readings),
    line('metric telemetry.metric', describe(totals.metrics), describe(total(metrics))),
    ...byName(totals.metricsByName, metricNames),
    ofDevices('metrics', totals.metricsByDevice, metrics),
    line('metric telemetry.usage', describe(totals.usage), describe(total(usage))),
    ...byName(totals.usageByMeter, meters),
    ofDevices('usage', totals.usageByDevice, usage),
  ];
}

function merge(maps: readonly ByName[]): Map<string, Sum> {
  const merged = new Map<string, Sum>();
  for (const [name, sum] of maps.flatMap((map) => [...map])) {
    merged.set(name, addSums(merged.get(name) ?? NOTHING, sum));
  }
  return merged;
}

function total(sums: ByName): Sum {
  return [...sums.values()].reduce(addSums, NOTHING);
}

function byName(expected: ByName, reported: ByName): Line[] {
  return namesOf(expected, reported).map((name) =>
    line(`  ${name}`, describe(expected.get(name)), describe(reported.get(name))),
  );
}

function ofDevices(what: string, expected: ByName, reported: ByName): Line {
  const names = namesOf(expected, reported);
  const wrong = names.flatMap((name) => {
    const [want = NOTHING, got = NOTHING] = [expected.get(name), reported.get(name)];
    return isSameSum(want, got) ? [] : [`${name}: ${describe(got)} instead of ${describe(want)}`];
  });
  return lineOfMany(`${what} of each of ${names.length} devices`, names.length, wrong);
}

function namesOf(expected: ByName, reported: ByName): string[] {
  return [...new Set([...expected.keys(), ...reported.keys()])].sort();
}

function describe({ count, units }: Sum = NOTHING): string {
  return units === 0n ? `${count}` : `${count}, sum ${formatUnits(units)}`;
}
