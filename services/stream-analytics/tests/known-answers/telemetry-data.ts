import type { EventOf } from '@millrace/types';
import type { Incoming } from '../../src/domain/engine/pipeline.ts';
import { seeded } from './seeded.ts';

const TENANT = 'acme';
const DEVICES = ['meter-1', 'meter-2', 'meter-3', 'pump_4', 'pump_5'];
const DAY_MS = 86_400_000;

/**
 * Readings of five devices over 40 days around the end of a month, to thousandths: some late by
 * seconds, some by days, some by weeks, so that they miss their bill; in the order of arrival, with
 * 5 % sent twice.
 *
 * @param size distinct readings.
 * @param from the first event time, ms since the epoch.
 */
export function events(seed: number, size: number, from = Date.UTC(2026, 9, 10)): Incoming[] {
  const chance = seeded(seed);
  const made = Array.from({ length: size }, (_, at): Incoming => {
    const time = from + chance.whole(0, 40 * DAY_MS);
    const late = chance.pick([0, 0, 1_000, 60_000, 2 * DAY_MS, 20 * DAY_MS]);
    const arrivedAt = new Date(time + chance.whole(0, 999) + late).toISOString();
    const kind = chance.pick(['telemetry', 'usage', 'both']);
    return {
      tenant: TENANT,
      arrivedAt,
      event: {
        specversion: '1.0',
        id: `reading-${at}`,
        source: '/devices',
        type: 'millrace.telemetry.v1',
        time: new Date(time).toISOString(),
        data: {
          deviceId: chance.pick(DEVICES),
          metrics:
            kind === 'usage'
              ? {}
              : { celsius: chance.whole(-20_000, 45_000) / 1000, volts: chance.whole(0, 9) / 10 },
          ...(kind !== 'telemetry' && { usage: { kwh: chance.whole(0, 5_000) / 1000 } }),
        },
      },
    };
  });
  const twice = made.filter(() => chance.next() < 0.05);
  return [...made, ...twice].sort((a, b) => (a.arrivedAt < b.arrivedAt ? -1 : 1));
}

export interface ExpectedWindow {
  readonly count: number;
  readonly sum: string;
  readonly min: number;
  readonly max: number;
  /** The true one: ⌊0.95 (n − 1)⌋ values are before it. */
  readonly p95: number;
}

export interface Expected {
  /** `device window start metric`. */
  readonly windows: ReadonlyMap<string, ExpectedWindow>;
  /** `device metric` → the newest value. */
  readonly latest: ReadonlyMap<string, number>;
  /** `device month kwh` or `device month kwh from origin`: quantity. */
  readonly usage: ReadonlyMap<string, string>;
}

/** The same told by sorting and adding up rows, in whole thousandths. */
export function expected(given: readonly Incoming[]): Expected {
  const rows = [...new Map(given.map((one) => [one.event.id, one])).values()].map(rowOf);
  const windows = new Map<string, number[]>();
  const latest = new Map<string, { at: string; value: number }>();
  const usage = new Map<string, number>();
  for (const { device, time, arrivedAt, id, measured, kwh } of rows) {
    for (const [metric, value] of measured) {
      for (const [window, length, days] of [
        ['1m', 16, 8],
        ['1h', 13, 100],
        ['1d', 10, 800],
      ] as const) {
        const start = time.slice(0, length) + '0000-01-01T00:00:00.000Z'.slice(length);
        const span = { '1m': 60_000, '1h': 3_600_000, '1d': DAY_MS }[window];
        if (Date.parse(arrivedAt) >= Date.parse(start) + span + days * DAY_MS) continue;
        const key = `${device} ${window} ${start.slice(0, 19)}Z ${metric}`;
        windows.set(key, [...(windows.get(key) ?? []), value]);
      }
      const known = latest.get(`${device} ${metric}`);
      if (!known || `${time} ${id}` > known.at) {
        latest.set(`${device} ${metric}`, { at: `${time} ${id}`, value: value / 1000 });
      }
    }
    if (kwh === undefined) continue;
    const month = time.slice(0, 7);
    const [year, nth] = [Number(month.slice(0, 4)), Number(month.slice(5))];
    const inTime = Date.parse(arrivedAt) < Date.UTC(year, nth, 4);
    const key = inTime
      ? `${device} ${month} kwh`
      : `${device} ${arrivedAt.slice(0, 7)} kwh from ${month}`;
    usage.set(key, (usage.get(key) ?? 0) + kwh);
  }
  return {
    windows: new Map([...windows].map(([key, values]) => [key, windowOf(values)])),
    latest: new Map([...latest].map(([key, { value }]) => [key, value])),
    usage: new Map([...usage].map(([key, quantity]) => [key, text(quantity)])),
  };
}

function rowOf({ event, arrivedAt }: Incoming) {
  const { id, time, data } = event as EventOf<'millrace.telemetry.v1'>;
  const measured = Object.entries(data.metrics).map(
    ([metric, value]) => [metric, Math.round(value * 1000)] as const,
  );
  const kwh = data.usage?.kwh;
  return {
    id,
    time,
    arrivedAt,
    device: data.deviceId,
    measured,
    kwh: kwh === undefined ? undefined : Math.round(kwh * 1000),
  };
}

function windowOf(values: readonly number[]): ExpectedWindow {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => (sorted[index] ?? Number.NaN) / 1000;
  return {
    count: sorted.length,
    sum: text(sorted.reduce((sum, value) => sum + value, 0)),
    min: at(0),
    max: at(sorted.length - 1),
    p95: at(Math.floor(0.95 * (sorted.length - 1))),
  };
}

function text(thousandths: number): string {
  const digits = String(Math.abs(thousandths)).padStart(4, '0');
  const plain = `${digits.slice(0, -3)}.${digits.slice(-3)}`.replace(/\.?0+$/, '');
  return thousandths < 0 ? `-${plain}` : plain;
}
