import type { ExpectedReading } from '../expected/expected.ts';
import {
  addSums,
  formatUnits,
  isSameSum,
  NOTHING,
  parseUnits,
  type Sum,
  unitsOfMicros,
} from '../expected/sum.ts';
import type { DayText, UsageText } from '../platform/read-device.ts';

/** What one device measured by the day, or used by the month: sums by `2026-11 grain_kg`. */
export type DeviceSums = ReadonlyMap<string, Sum>;

const MONTH = 7;
const DAY = 10;

export function expectedUsage(readings: readonly ExpectedReading[]): DeviceSums {
  return collect(
    readings.flatMap(({ instant, usage }) =>
      Object.entries(usage).map(([meter, micros]) => [
        `${dateOf(instant, MONTH)} ${meter}`,
        { count: 1, units: unitsOfMicros(micros) },
      ]),
    ),
  );
}

/** What came too late for a closed bill counts for the month in which it was used. */
export function reportedUsage(bills: ReadonlyMap<string, UsageText>): DeviceSums {
  return collect(
    [...bills].flatMap(([month, { meters, adjustments }]) =>
      [{ meters, originMonth: month }, ...adjustments].flatMap((bill) =>
        Object.entries(bill.meters).map(([meter, { quantity, readings }]): [string, Sum] => [
          `${bill.originMonth} ${meter}`,
          { count: readings, units: parseUnits(quantity) },
        ]),
      ),
    ),
  );
}

export function expectedDays(readings: readonly ExpectedReading[]): DeviceSums {
  return collect(
    readings.flatMap(({ instant, metrics }): [string, Sum][] => [
      [`${dateOf(instant, DAY)} readings`, { count: 1, units: 0n }],
      ...Object.entries(metrics).map(([name, micros]): [string, Sum] => [
        `${dateOf(instant, DAY)} ${name}`,
        { count: 1, units: unitsOfMicros(micros) },
      ]),
    ]),
  );
}

export function reportedDays(days: readonly DayText[]): DeviceSums {
  return collect(
    days.flatMap(({ time, readings, metrics }): [string, Sum][] => [
      [`${time.slice(0, DAY)} readings`, { count: readings, units: 0n }],
      ...Object.entries(metrics).map(([name, { count, sum }]): [string, Sum] => [
        `${time.slice(0, DAY)} ${name}`,
        { count, units: parseUnits(sum) },
      ]),
    ]),
  );
}

/** The first that differs, or undefined. */
export function differenceOf(expected: DeviceSums, reported: DeviceSums): string | undefined {
  for (const name of new Set([...expected.keys(), ...reported.keys()])) {
    const [want = NOTHING, got = NOTHING] = [expected.get(name), reported.get(name)];
    if (!isSameSum(want, got)) return `${name} ${describe(got)} instead of ${describe(want)}`;
  }
  return undefined;
}

function describe({ count, units }: Sum): string {
  return `${count} (${formatUnits(units)})`;
}

function dateOf(instant: number, length: number): string {
  return new Date(instant).toISOString().slice(0, length);
}

function collect(entries: readonly (readonly [string, Sum])[]): DeviceSums {
  const sums = new Map<string, Sum>();
  for (const [name, sum] of entries) sums.set(name, addSums(sums.get(name) ?? NOTHING, sum));
  return sums;
}
