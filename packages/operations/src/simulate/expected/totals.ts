import { type ExpectedFleet, type ExpectedReading, refusalKey } from './expected.ts';
import { type Sum, unitsOfMicros } from './sum.ts';

/** What the metrics `telemetry…` must say, by what they can be grouped by. */
export interface Totals {
  readonly readings: Sum;
  readonly readingsByDevice: ReadonlyMap<string, Sum>;
  readonly metrics: Sum;
  readonly metricsByDevice: ReadonlyMap<string, Sum>;
  readonly metricsByName: ReadonlyMap<string, Sum>;
  readonly usage: Sum;
  readonly usageByDevice: ReadonlyMap<string, Sum>;
  readonly usageByMeter: ReadonlyMap<string, Sum>;
}

const OVER_QUOTA = 'quota_exceeded';

/**
 * Adds up what is to be counted. Which readings of a babbling device are above its quota is up to the
 * minute in which each arrives; but it is told of each one, and what it was not told of must be counted.
 *
 * @param told refusals that devices have heard, as `refusalKey` has them
 */
export function totalsOf(fleet: ExpectedFleet, told: ReadonlySet<string>): Totals {
  const all = { readings: tally(), metrics: tally(), usage: tally() };
  const by = {
    readingsByDevice: new Map<string, Tally>(),
    metricsByDevice: new Map<string, Tally>(),
    metricsByName: new Map<string, Tally>(),
    usageByDevice: new Map<string, Tally>(),
    usageByMeter: new Map<string, Tally>(),
  };
  for (const { deviceId, readings, babbles } of fleet.devices) {
    for (const reading of readings) {
      if (babbles && isOverQuota(told, deviceId, reading)) continue;
      add([all.readings, of(by.readingsByDevice, deviceId)], 0);
      for (const [name, micros] of Object.entries(reading.metrics)) {
        add([all.metrics, of(by.metricsByDevice, deviceId), of(by.metricsByName, name)], micros);
      }
      for (const [name, micros] of Object.entries(reading.usage)) {
        add([all.usage, of(by.usageByDevice, deviceId), of(by.usageByMeter, name)], micros);
      }
    }
  }
  return { ...all, ...by };
}

export function overQuotaKey(deviceId: string, time: string | undefined): string {
  return refusalKey(deviceId, OVER_QUOTA, time);
}

export function isOverQuota(
  told: ReadonlySet<string>,
  deviceId: string,
  { time }: Pick<ExpectedReading, 'time'>,
): boolean {
  return told.has(overQuotaKey(deviceId, time));
}

interface Tally {
  count: number;
  units: bigint;
}

function tally(): Tally {
  return { count: 0, units: 0n };
}

function of(tallies: Map<string, Tally>, name: string): Tally {
  const found = tallies.get(name) ?? tally();
  tallies.set(name, found);
  return found;
}

function add(tallies: readonly Tally[], micros: number): void {
  for (const one of tallies) {
    one.count += 1;
    one.units += unitsOfMicros(micros);
  }
}
