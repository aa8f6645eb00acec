import type { Measurement } from './measure.ts';
import type { Results } from './rounds.ts';
import { SOURCE_NAMES, type SourceName } from './sources.ts';

/** A figure of ours beside the other's; `ratio` > 1 says how many times better ours is. */
export interface Comparison {
  readonly source: SourceName;
  readonly figure: Figure;
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: number;
}

const FIGURES = ['p50', 'p99', 'eventsPerSecond'] as const;
type Figure = (typeof FIGURES)[number];

/** Of what was measured on both. */
export function compare(results: Results, ours: string, theirs: string): Comparison[] {
  return SOURCE_NAMES.flatMap((source) => {
    const our = results.get(ours)?.get(source);
    const their = results.get(theirs)?.get(source);
    if (!our || !their) return [];
    return FIGURES.map((figure) => ({
      source,
      figure,
      ours: our[figure],
      theirs: their[figure],
      // Fewer milliseconds are better, more events are.
      ratio:
        figure === 'eventsPerSecond' ? our[figure] / their[figure] : their[figure] / our[figure],
    }));
  });
}

/** Where ours is not ahead: one line each. */
export function behind(comparisons: readonly Comparison[]): string[] {
  return comparisons
    .filter(({ ratio }) => !(ratio > 1))
    .map(({ source, figure, ours, theirs }) => {
      return `${source} ${LABELS[figure]}: ${shown(ours)} is not ahead of ${shown(theirs)}`;
    });
}

const LABELS: Readonly<Record<Figure, string>> = {
  p50: 'p50 ms',
  p99: 'p99 ms',
  eventsPerSecond: 'events/s',
};

/** A Markdown table: one row per source, each figure as `ours / theirs (ratio)`. */
export function table(comparisons: readonly Comparison[], ours: string, theirs: string): string {
  const rows = Map.groupBy(comparisons, ({ source }) => source);
  const heading = FIGURES.map((figure) => `${LABELS[figure]}: ${ours} / ${theirs} (ratio)`);
  return [
    `| source | ${heading.join(' | ')} |`,
    `|---|${FIGURES.map(() => '---:|').join('')}`,
    ...[...rows].map(([source, figures]) => {
      const cells = figures.map(
        (figure) =>
          `${shown(figure.ours)} / ${shown(figure.theirs)} (${figure.ratio.toFixed(1)} ×)`,
      );
      return `| ${source} | ${cells.join(' | ')} |`;
    }),
  ].join('\n');
}

/** How many single puts were set aside, of each subject. */
export function setAside(results: Results): string {
  const counts = [...results].map(([name, bySource]) => {
    const all = [...bySource.values()].reduce((sum, { disturbed }) => sum + disturbed, 0);
    return `${all} on ${name}`;
  });
  return `Put again, because the machine's host took a processor away: ${counts.join(', ')}.`;
}

/** Of one subject by itself. */
export function soloTable(results: ReadonlyMap<SourceName, Measurement>): string {
  return [
    '| source | p50 ms | p99 ms | events/s |',
    '|---|---:|---:|---:|',
    ...[...results].map(([source, measured]) => {
      const cells = FIGURES.map((figure) => shown(measured[figure]));
      return `| ${source} | ${cells.join(' | ')} |`;
    }),
  ].join('\n');
}

const shown = (value: number): string =>
  value < 100 ? value.toFixed(1) : String(Math.round(value));
