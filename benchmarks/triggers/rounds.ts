import type { Collector } from './collector.ts';
import { type Amounts, type Measurement, measure } from './measure.ts';
import { openSources, type SourceName } from './sources.ts';
import { median } from './statistics.ts';
import type { Subject } from './subject.ts';

/** By subject, then by source: the medians of the rounds. */
export type Results = ReadonlyMap<string, ReadonlyMap<SourceName, Measurement>>;

export interface RoundsOptions {
  readonly subjects: readonly Subject[];
  readonly sources: readonly SourceName[];
  readonly collector: Collector;
  readonly amounts: Amounts;
  readonly rounds: number;
  onProgress(line: string): void;
}

/**
 * Measures the subjects in turns, source by source, so that what else the machine does meets both.
 * A short round before the first one, which is not counted, lets functions and connections start.
 */
export async function runRounds(options: RoundsOptions): Promise<Results> {
  const { subjects, sources, collector, amounts, rounds, onProgress } = options;
  const open = await Promise.all(subjects.map(({ addresses }) => openSources(addresses)));
  const seen = new Map(
    subjects.map(({ name }) => [name, new Map<SourceName, Measurement[]>()] as const),
  );
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const source of sources) {
        for (const [index, { name }] of subjects.entries()) {
          const put = open[index]?.of[source];
          if (!put) continue;
          const many = amounts.many[source];
          if (round === 0) {
            await measure(put, { single: 3, many: Math.min(many, 4 * put.batch) }, collector);
            continue;
          }
          const measured = await measure(put, { single: amounts.single, many }, collector);
          const before = seen.get(name)?.get(source) ?? [];
          seen.get(name)?.set(source, [...before, measured]);
          onProgress(`round ${round}: ${source} on ${name}: ${inWords(measured)}`);
        }
      }
    }
  } finally {
    await Promise.all(open.map((each) => each[Symbol.asyncDispose]()));
  }
  return new Map([...seen].map(([name, bySource]) => [name, medians(bySource)]));
}

function medians(
  bySource: ReadonlyMap<SourceName, readonly Measurement[]>,
): ReadonlyMap<SourceName, Measurement> {
  return new Map(
    [...bySource].map(([source, all]) => [
      source,
      {
        p50: median(all.map(({ p50 }) => p50)),
        p99: median(all.map(({ p99 }) => p99)),
        eventsPerSecond: median(all.map(({ eventsPerSecond }) => eventsPerSecond)),
      },
    ]),
  );
}

function inWords({ p50, p99, eventsPerSecond }: Measurement): string {
  return `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${Math.round(eventsPerSecond)} events/s`;
}
