import type { Chance } from './chance.ts';
import type { Micros, Reading } from './message.ts';

/** Name, and the range that it starts in, in whole units. */
const METRICS = [
  ['rpm', 4, 12],
  ['load_kw', 0, 90],
  ['celsius', -30, 60],
  ['pressure_bar', 1, 9],
  ['humidity', 0, 100],
] as const;
const METERS = ['grain_kg', 'water_m3', 'energy_kwh'] as const;

const MICROS = 1_000_000;
/** A clock that stands still dates two readings alike; they are two nevertheless. */
const STANDS_STILL = 0.005;
const HAS_METERS = 0.8;

/** What one device measures: so many readings, at a steady interval from a moment of its own. */
export function readingsOf(
  draw: Chance,
  options: {
    readonly count: number;
    readonly intervalMs: number;
    readonly skewMs: number;
    readonly clockMayStop: boolean;
  },
): { readonly dueAt: number; readonly reading: Reading }[] {
  const { count, intervalMs, skewMs } = options;
  const stops = options.clockMayStop ? STANDS_STILL : 0;
  const phase = draw.next() * intervalMs;
  const metrics = draw.some(draw.whole(1, 3), METRICS).map(([name, least, most]) => ({
    name,
    value: draw.whole(least * MICROS, most * MICROS),
    /** What it measures to: whole units, thousandths or millionths. */
    grain: draw.pick([1, 1_000, MICROS]),
  }));
  const meters = draw.is(HAS_METERS) ? draw.some(draw.whole(1, 2), METERS) : [];
  let before = 0;
  return Array.from({ length: count }, (_, nth) => {
    const dueAt = Math.round(phase + nth * intervalMs);
    const at: number = nth > 0 && draw.is(stops) ? before : dueAt + skewMs;
    before = at;
    for (const metric of metrics) metric.value += draw.whole(-MICROS / 5, MICROS / 5);
    return {
      dueAt,
      reading: {
        at,
        metrics: Object.fromEntries(
          metrics.map(({ name, value, grain }) => [name, Math.round(value / grain) * grain]),
        ),
        usage: Object.fromEntries(meters.map((name) => [name, used(draw)])),
      },
    };
  });
}

function used(draw: Chance): Micros {
  return draw.whole(0, 2_000) * draw.pick([250, 1_000]);
}
