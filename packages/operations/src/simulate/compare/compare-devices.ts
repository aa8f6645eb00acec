import type { ApiClient } from '../../demo/api-client.ts';
import { sideBySide } from '../../demo/side-by-side.ts';
import type { ExpectedDevice, ExpectedFleet, ExpectedReading } from '../expected/expected.ts';
import { isOverQuota } from '../expected/totals.ts';
import { readDays, readUsage, type UsageText } from '../platform/read-device.ts';
import type { Span } from '../platform/read-metric.ts';
import {
  differenceOf,
  expectedDays,
  expectedUsage,
  reportedDays,
  reportedUsage,
} from './device-sums.ts';
import { type Line, lineOfMany } from './line.ts';

/** Two requests and more for each device: of a larger fleet, so many are looked at. */
const MOST_LOOKED_AT = 1_000;
const AT_ONCE = 4;
const DAY_MS = 86_400_000;

/** The bills and the days of each device, beside what they must say. */
export async function compareDevices(
  { devices }: ExpectedFleet,
  options: {
    readonly told: ReadonlySet<string>;
    /** When the readings arrived. */
    readonly arrived: Span;
    apiOf(index: number): ApiClient;
    onCompared(done: number, of: number): void;
  },
): Promise<Line[]> {
  const step = Math.ceil(devices.length / MOST_LOOKED_AT);
  const looked = devices.filter((_, nth) => nth % step === 0);
  let done = 0;
  const found = await sideBySide(AT_ONCE, looked, async (device) => {
    const api = options.apiOf(device.index);
    const readings = takenOf(device, options.told);
    const differences = {
      bill: await billDifference(api, device, readings, options.arrived),
      days: await daysDifference(api, device, readings),
    };
    done += 1;
    options.onCompared(done, looked.length);
    return differences;
  });
  const of = looked.length === devices.length ? '' : ` of ${devices.length}`;
  const wrong = (what: 'bill' | 'days') =>
    found.flatMap((one, nth) => {
      const difference = one[what];
      return difference === undefined ? [] : [`${looked[nth]?.deviceId} ${difference}`];
    });
  return [
    lineOfMany(`bills of ${looked.length}${of} devices`, looked.length, wrong('bill')),
    lineOfMany(`days of ${looked.length}${of} devices`, looked.length, wrong('days')),
  ];
}

function takenOf(device: ExpectedDevice, told: ReadonlySet<string>): readonly ExpectedReading[] {
  if (!device.babbles) return device.readings;
  return device.readings.filter((reading) => !isOverQuota(told, device.deviceId, reading));
}

async function billDifference(
  api: ApiClient,
  { deviceId }: ExpectedDevice,
  readings: readonly ExpectedReading[],
  arrived: Span,
): Promise<string | undefined> {
  const instants = [...readings.map(({ instant }) => instant), arrived.from, arrived.to];
  const bills = new Map<string, UsageText>();
  for (const month of new Set(instants.map((at) => new Date(at).toISOString().slice(0, 7)))) {
    bills.set(month, await readUsage(api, deviceId, month));
  }
  return differenceOf(expectedUsage(readings), reportedUsage(bills));
}

async function daysDifference(
  api: ApiClient,
  { deviceId }: ExpectedDevice,
  readings: readonly ExpectedReading[],
): Promise<string | undefined> {
  const instants = readings.map(({ instant }) => instant);
  const first = instants.reduce((least, instant) => Math.min(least, instant), Number.MAX_VALUE);
  const last = instants.reduce((most, instant) => Math.max(most, instant), 0);
  // Of a device of which nothing is to be taken, the metrics tell.
  if (instants.length === 0) return undefined;
  const days = await readDays(api, deviceId, { from: first - DAY_MS, to: last + DAY_MS });
  return differenceOf(expectedDays(readings), reportedDays(days));
}
