import { median, percentile } from '../statistics.ts';
import type { Collector } from './collector.ts';
import { type Amounts, type Measurement, putMany, putSingly } from './measure.ts';
import { openSources, type SourceName } from './sources.ts';
import type { Subject } from './subject.ts';

/** By subject, then by source: percentiles of the puts of all rounds, and medians of the rates. */
export type Results = ReadonlyMap<string, ReadonlyMap<SourceName, Measurement>>;

export interface RoundsOptions {
  readonly subjects: readonly Subject[];
  readonly sources: readonly SourceName[];
  readonly collector: Collector;
  readonly amounts: Amounts;
  readonly rounds: number;
  onProgress(line: string): void;
}

/** What the rounds saw of one source on one subject. */
interface Seen {
  /** Milliseconds of single puts, of all rounds. */
  readonly latencies: readonly number[];
  readonly disturbed: number;
  /** One figure per round. */
  readonly eventsPerSecond: readonly number[];
}

/** A just-in-time compiler, on either side, has seen the way of a put after some dozens of them. */
const WARM_UP = 50;

/**
 * Measures the subjects in turns, so that what else the machine does meets both. Puts before the
 * first round, which are not counted, let functions, connections and compilers start.
 */
export async function runRounds(options: RoundsOptions): Promise<Results> {
  const { subjects, sources, collector, amounts, rounds, onProgress } = options;
  const open = await Promise.all(subjects.map(({ addresses }) => openSources(addresses)));
  const seen = subjects.map(() => new Map<SourceName, Seen>());
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const source of sources) {
        const each = open.map(({ of }) => of[source]);
        const single = round === 0 ? Math.min(WARM_UP, amounts.single) : amounts.single;
        const puts = await putSingly(each, single, collector);
        for (const [index, put] of each.entries()) {
          const eventsPerSecond = await putMany(put, amounts.many[source], collector);
          if (round === 0) continue;
          const now: Seen = {
            ...(puts[index] ?? { latencies: [], disturbed: 0 }),
            eventsPerSecond: [eventsPerSecond],
          };
          const before = seen[index]?.get(source);
          seen[index]?.set(source, before ? together(before, now) : now);
          onProgress(`round ${round}: ${source} on ${subjects[index]?.name}: ${inWords(now)}`);
        }
      }
    }
  } finally {
    await Promise.all(open.map((each) => each[Symbol.asyncDispose]()));
  }
  return new Map(
    subjects.map(({ name }, index) => [
      name,
      new Map([...(seen[index] ?? [])].map(([source, all]) => [source, figures(all)])),
    ]),
  );
}

const together = (before: Seen, now: Seen): Seen => ({
  latencies: [...before.latencies, ...now.latencies],
  disturbed: before.disturbed + now.disturbed,
  eventsPerSecond: [...before.eventsPerSecond, ...now.eventsPerSecond],
});

const figures = ({ latencies, disturbed, eventsPerSecond }: Seen): Measurement => ({
  disturbed,
  p50: percentile(latencies, 50),
  p99: percentile(latencies, 99),
  eventsPerSecond: median(eventsPerSecond),
});

function inWords(seen: Seen): string {
  const { p50, p99, eventsPerSecond } = figures(seen);
  return `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${Math.round(eventsPerSecond)} events/s`;
}
