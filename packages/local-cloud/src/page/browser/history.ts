import type { CloudStatus } from '../status.ts';
import { oldestAgeMs } from './condition.ts';

export interface Sample {
  /** Milliseconds of this computer's clock: the cloud's own may be moved. */
  readonly at: number;
  /** Records delivered per second, over the last few seconds. */
  readonly rate: number;
  readonly ageMs: number;
}

export interface History {
  add(at: number, status: CloudStatus): void;
  /** Oldest first; empty for a mapping that was never seen. */
  of(mappingId: string): readonly Sample[];
  /** Records per second over all mappings, now. */
  totalRate(): number;
}

/** Statuses may come faster than the server sends them, after a sleep of the computer for one. */
const LEAST_STEP_MS = 250;

/** Batches come in bursts: over this long a rate is calm enough to be read. */
const RATE_OVER_MS = 5_000;

interface Reading {
  readonly at: number;
  readonly delivered: number;
}

/**
 * What moved in the last minutes, per mapping.
 * @param spanMs how long a sample is kept; at most four a second are
 */
export function createHistory(spanMs: number): History {
  const samples = new Map<string, Sample[]>();
  const readings = new Map<string, Reading[]>();

  function addSample(id: string, reading: Reading, ageMs: number): void {
    const { at } = reading;
    const before = readings.get(id) ?? [];
    const last = before.at(-1);
    if (last && at - last.at < LEAST_STEP_MS) return;
    // A counter that went back belongs to a cloud that forgot: what was before counts no more.
    const isReset = last !== undefined && reading.delivered < last.delivered;
    const recent = isReset ? [] : before.filter((one) => one === last || isRecent(one, at));
    readings.set(id, [...recent, reading]);
    const kept = (samples.get(id) ?? []).filter((sample) => at - sample.at <= spanMs);
    samples.set(id, [...kept, { at, rate: rateSince(recent[0], reading), ageMs }]);
  }

  return {
    add(at, { mappings }) {
      const present = new Set(mappings.map(({ id }) => id));
      for (const id of samples.keys()) {
        if (present.has(id)) continue;
        samples.delete(id);
        readings.delete(id);
      }
      for (const mapping of mappings) {
        addSample(mapping.id, { at, delivered: mapping.delivered }, oldestAgeMs(mapping));
      }
    },
    of: (id) => samples.get(id) ?? [],
    totalRate: () => [...samples.values()].reduce((sum, one) => sum + (one.at(-1)?.rate ?? 0), 0),
  };
}

function isRecent({ at }: Reading, now: number): boolean {
  return now - at <= RATE_OVER_MS;
}

function rateSince(first: Reading | undefined, { at, delivered }: Reading): number {
  return first ? ((delivered - first.delivered) * 1000) / (at - first.at) : 0;
}
