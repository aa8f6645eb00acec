import { topics } from '@millrace/types';
import { formatUnits, unitsOfMicros } from '../expected/sum.ts';
import type {
  DeviceClock,
  DevicePlan,
  Fault,
  FleetPlan,
  Message,
  Micros,
  Reading,
} from './message.ts';

/** One run of a plan: what its devices are called, and when it began. */
export interface FleetRun {
  readonly runId: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

export function deviceIdOf({ runId }: Pick<FleetRun, 'runId'>, index: number): string {
  return `${runId}-${index}`;
}

/** A message as it goes over the wire, and what must become of it. */
export interface Wire {
  readonly topic: string;
  readonly payload: string;
  /** The `time` that can be read from it, to the letter. */
  readonly time?: string;
  /** The code of its refusal; a reading that is taken has none. */
  readonly refusal?: string;
  /** Who is told of the refusal: the device of the topic. */
  readonly told: string;
}

const TOO_MANY_METRICS = 10_000;
/** IoT Core takes 128 KB. */
export const OVERSIZE_BYTES = 128 * 1024 + 1;

const REFUSALS: Readonly<Record<Fault, string>> = {
  not_json: 'not_json',
  nan: 'not_json',
  negative_usage: 'reading_invalid',
  missing_time: 'reading_invalid',
  too_many_metrics: 'reading_invalid',
  clock_in_1970: 'time_out_of_range',
  clock_in_2999: 'time_out_of_range',
  other_device: 'device_mismatch',
};

export function wireOf(
  { options }: Pick<FleetPlan, 'options'>,
  device: Pick<DevicePlan, 'index' | 'role' | 'clock'>,
  message: Message,
  run: FleetRun,
): Wire {
  const own = deviceIdOf(run, device.index);
  if (message.kind === 'reading') {
    const time = timeOf(run.startedAt + message.reading.at, device.clock);
    const refusal = refusalOf(device);
    return {
      topic: topics.telemetry(own),
      told: own,
      payload: write(time, message.reading, message.reordered),
      time,
      ...(refusal && { refusal }),
    };
  }
  const told =
    message.fault === 'other_device' ? deviceIdOf(run, (device.index + 1) % options.devices) : own;
  return {
    topic: topics.telemetry(told),
    told,
    refusal: REFUSALS[message.fault],
    ...faulty(message.fault, message.reading, run.startedAt, device.clock),
  };
}

function refusalOf({ role }: Pick<DevicePlan, 'role'>): string | undefined {
  if (role === 'astray') return 'time_out_of_range';
  if (role === 'disabled') return 'device_disabled';
  return role === 'unknown' ? 'device_unknown' : undefined;
}

function faulty(
  fault: Fault,
  reading: Reading,
  startedAt: number,
  clock: DeviceClock,
): { readonly payload: string; readonly time?: string } {
  const time = timeOf(startedAt + reading.at, clock);
  const whole = write(time, reading);
  switch (fault) {
    case 'not_json':
      return { payload: whole.slice(0, -3) };
    case 'nan':
      return { payload: `{"time":"${time}","metrics":{"rpm":NaN}}` };
    case 'negative_usage':
      return { payload: write(time, { ...reading, usage: { grain_kg: -250_000 } }), time };
    case 'missing_time':
      return { payload: `{"metrics":${object(reading.metrics)}}` };
    case 'too_many_metrics': {
      const names = Array.from({ length: TOO_MANY_METRICS }, (_, nth) => [`m${nth}`, 1_000_000]);
      return { payload: write(time, { ...reading, metrics: Object.fromEntries(names) }), time };
    }
    case 'clock_in_1970':
      return { time: '1970-01-01T00:00:09Z', payload: write('1970-01-01T00:00:09Z', reading) };
    case 'clock_in_2999':
      return { time: '2999-12-31T23:59:59Z', payload: write('2999-12-31T23:59:59Z', reading) };
    case 'other_device':
      return { payload: whole, time };
  }
}

/** RFC 3339, in UTC or as a clock of some other offset shows it. */
function timeOf(instant: number, { offsetMinutes }: DeviceClock): string {
  if (offsetMinutes === 0) return new Date(instant).toISOString();
  const local = new Date(instant + offsetMinutes * 60_000).toISOString().slice(0, -1);
  const east = Math.abs(offsetMinutes);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${local}${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(east / 60))}:${two(east % 60)}`;
}

/** Numbers are written digit by digit: no double stands between the plan and the wire. */
function write(time: string, { metrics, usage }: Reading, reordered?: true): string {
  const meters = Object.keys(usage).length > 0;
  if (!reordered) {
    return `{"time":"${time}","metrics":${object(metrics)}${meters ? `,"usage":${object(usage)}` : ''}}`;
  }
  return `{${meters ? `"usage":${object(usage, true)},` : ''}"metrics":${object(metrics, true)},"time":"${time}"}`;
}

function object(values: Readonly<Record<string, Micros>>, reversed = false): string {
  const members = Object.entries(values).map(
    ([name, value]) => `"${name}":${formatUnits(unitsOfMicros(value))}`,
  );
  return `{${(reversed ? members.reverse() : members).join(',')}}`;
}
