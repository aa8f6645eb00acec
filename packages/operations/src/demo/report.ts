import { alignRows, displayWidth } from '../terminal/columns.ts';

/** One line of the demo's table. */
export interface Outcome {
  readonly area: 'files' | 'search' | 'events' | 'devices' | 'orders' | 'lake' | 'sql' | 'access';
  readonly input: string;
  readonly result: string;
  /** From sending the input to seeing its result through a public interface. */
  readonly latencyMs: number;
  /** What was expected, where the result is not right. */
  readonly expected?: string;
}

export interface DemoReport {
  readonly runId: string;
  readonly resumed: boolean;
  readonly right: number;
  readonly wrong: number;
  readonly outcomes: readonly Outcome[];
}

export function summarize(
  runId: string,
  resumed: boolean,
  outcomes: readonly Outcome[],
): DemoReport {
  const wrong = outcomes.filter((outcome) => outcome.expected !== undefined).length;
  return { runId, resumed, right: outcomes.length - wrong, wrong, outcomes };
}

export function formatTable(report: DemoReport): string {
  const rows = report.outcomes.map((outcome) => [
    outcome.expected === undefined ? '✔' : '✘',
    outcome.input,
    outcome.expected === undefined
      ? outcome.result
      : `${outcome.result} — expected ${outcome.expected}`,
    formatLatency(outcome.latencyMs),
  ]);
  const head = ['', 'input', 'result', 'latency'];
  const [first = '', ...lines] = alignRows([head, ...rows], new Set([3]));
  const ruler = '─'.repeat(displayWidth(first));
  const verdict =
    report.wrong === 0
      ? `All ${report.right} results are exactly right.`
      : `${report.wrong} of ${report.outcomes.length} results are wrong.`;
  return [first, ruler, ...lines, ruler, verdict].join('\n');
}

function formatLatency(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
