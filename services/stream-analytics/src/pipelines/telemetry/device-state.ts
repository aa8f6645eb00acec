import { type DeviceState, type LatestValue, MOST_DEVICE_METRICS } from '@millrace/types';
import { withFirstNames } from './first-names.ts';

/** What a device's state is told. */
export interface HeardReading {
  readonly id: string;
  /** Event time, RFC 3339. */
  readonly time: string;
  /** ISO 8601. */
  readonly arrivedAt: string;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Enough for a median that one outage or burst does not move. */
const MOST_MINUTES = 7;
const MOST_ID_CHARACTERS = 64;

const NEVER: DeviceState = { seenAt: '', minutes: [], latest: {}, watched: false };

/**
 * The state of a device that was heard once more. Depends on the readings alone, not on their order,
 * but for `watched` and `outage`, which `watchDevices` writes.
 */
export function afterReading(before: DeviceState = NEVER, reading: HeardReading): DeviceState {
  const arrivedAt = new Date(reading.arrivedAt).toISOString();
  const isNewest = arrivedAt > before.seenAt;
  const ends = !before.outage || arrivedAt > before.outage.since;
  const { kept, dropped } = withFirstNames(
    before.latest,
    Object.entries(valuesOf(reading)),
    MOST_DEVICE_METRICS,
    newerOf,
  );
  return {
    seenAt: isNewest ? arrivedAt : before.seenAt,
    minutes: newestMinutes(before.minutes, Math.floor(Date.parse(arrivedAt) / 60_000)),
    latest: kept,
    ...((before.cut || dropped.length > 0) && { cut: true }),
    watched: before.watched || ends,
    // A reading from before the outage (it comes out of the dead letters) does not end it.
    ...(before.outage && !ends && { outage: before.outage }),
  };
}

function valuesOf({ id, time, metrics }: HeardReading): Record<string, LatestValue> {
  const told = { time: new Date(time).toISOString(), id: id.slice(0, MOST_ID_CHARACTERS) };
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, { value, ...told }]),
  );
}

/** Ties of the time fall to the larger id; of both (two sources), to the larger value. */
function newerOf(a: LatestValue | undefined, b: LatestValue): LatestValue {
  if (!a) return b;
  if (a.time !== b.time) return a.time > b.time ? a : b;
  if (a.id !== b.id) return a.id > b.id ? a : b;
  return a.value >= b.value ? a : b;
}

function newestMinutes(minutes: readonly number[], minute: number): readonly number[] {
  if (minutes.includes(minute)) return minutes;
  return [...minutes, minute].sort((a, b) => a - b).slice(-MOST_MINUTES);
}
