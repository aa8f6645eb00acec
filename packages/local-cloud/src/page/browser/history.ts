import type { CloudStatus } from '../status.ts';
import { oldestAgeMs } from './condition.ts';

export interface Sample {
  /** Milliseconds of this computer's clock: the cloud's own may be moved. */
  readonly at: number;
  /** Records delivered per second since the sample before. */
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

/**
 * What moved in the last minutes, per mapping.
 * @param spanMs how long a sample is kept; at most four a second are
 */
export function createHistory(spanMs: number): History {
  const samples = new Map<string, Sample[]>();
  const last = new Map<string, { at: number; delivered: number }>();

  function addSample(id: string, at: number, delivered: number, ageMs: number): void {
    const before = last.get(id);
    if (before && at - before.at < LEAST_STEP_MS) return;
    last.set(id, { at, delivered });
    // A counter that went back belongs to a cloud that forgot: nothing is known of the step.
    const moved = before ? Math.max(0, delivered - before.delivered) : 0;
    const rate = before ? (moved * 1000) / (at - before.at) : 0;
    const kept = (samples.get(id) ?? []).filter((sample) => at - sample.at <= spanMs);
    samples.set(id, [...kept, { at, rate, ageMs }]);
  }

  return {
    add(at, { mappings }) {
      const present = new Set(mappings.map(({ id }) => id));
      for (const id of samples.keys()) {
        if (present.has(id)) continue;
        samples.delete(id);
        last.delete(id);
      }
      for (const mapping of mappings) {
        addSample(mapping.id, at, mapping.delivered, oldestAgeMs(mapping));
      }
    },
    of: (id) => samples.get(id) ?? [],
    totalRate: () => [...samples.values()].reduce((sum, one) => sum + (one.at(-1)?.rate ?? 0), 0),
  };
}
