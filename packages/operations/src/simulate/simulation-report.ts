import { alignRows, displayWidth } from '../terminal/columns.ts';
import type { Line } from './compare/line.ts';
import type { FleetOptions } from './plan/message.ts';
import type { Quantiles } from './watch/latencies.ts';

/** How it went; durations in milliseconds. */
export interface Figures {
  readonly messages: number;
  /** Messages a second that the plan wants, and that were acknowledged. */
  readonly wantedPerSecond: number;
  readonly achievedPerSecond: number;
  readonly sendingMs: number;
  /** Readings counted a second, from the first that was sent to the last that was counted. */
  readonly countedPerSecond: number;
  /** From the end of sending until the platform had caught up. */
  readonly catchingUpMs: number;
  /** From a reading's acknowledgement until the API's metric holds it. */
  readonly visibleAfterMs?: Quantiles;
  /** Connections that were lost though the plan did not want it. */
  readonly losses: number;
  readonly overQuota: number;
}

export interface SimulationReport extends FleetOptions {
  readonly runId: string;
  readonly right: number;
  readonly wrong: number;
  readonly lines: readonly Line[];
  readonly figures: Figures;
}

export function formatSimulation(report: SimulationReport): string {
  const rows = report.lines.map(({ what, expected, reported, right }) => [
    right ? '✔' : '✘',
    what,
    expected,
    reported,
  ]);
  const [head = '', ...lines] = alignRows(
    [['', 'what', 'expected', 'reported'], ...rows],
    new Set(),
  ).map((text) => text.trimEnd());
  const ruler = '─'.repeat(Math.max(...[head, ...lines].map(displayWidth)));
  const verdict =
    report.wrong === 0
      ? `All ${report.right} totals are exactly right (seed ${report.seed}).`
      : `${report.wrong} of ${report.lines.length} totals are wrong (seed ${report.seed}).`;
  return [head, ruler, ...lines, ruler, ...figureLines(report.figures), '', verdict].join('\n');
}

function figureLines(figures: Figures): string[] {
  const { visibleAfterMs } = figures;
  return [
    `sent: ${rate(figures.achievedPerSecond)} of ${rate(figures.wantedPerSecond)} wanted, ${seconds(figures.sendingMs)} in all; ${figures.losses} connections lost unasked`,
    `counted: ${rate(figures.countedPerSecond)}, ${seconds(figures.catchingUpMs)} after the last was sent; ${figures.overQuota} over their quota`,
    ...(visibleAfterMs
      ? [`visible after: p50 ${seconds(visibleAfterMs.p50)}, p99 ${seconds(visibleAfterMs.p99)}`]
      : []),
  ];
}

function rate(perSecond: number): string {
  return `${perSecond.toFixed(perSecond < 100 ? 1 : 0)}/s`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
