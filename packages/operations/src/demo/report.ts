/** One line of the demo's table. */
export interface Outcome {
  readonly area: 'files' | 'events' | 'devices' | 'orders' | 'lake' | 'access';
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
  const widths = head.map((title, column) =>
    Math.max(...[head, ...rows].map((row) => displayWidth(row[column] ?? '')), title.length),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 3
          ? ' '.repeat((widths[3] ?? 0) - displayWidth(cell)) + cell
          : cell + ' '.repeat((widths[column] ?? 0) - displayWidth(cell)),
      )
      .join('  ');
  const ruler = '─'.repeat(widths.reduce((sum, width) => sum + width, 6));
  const verdict =
    report.wrong === 0
      ? `All ${report.right} results are exactly right.`
      : `${report.wrong} of ${report.outcomes.length} results are wrong.`;
  return [line(head), ruler, ...rows.map(line), ruler, verdict].join('\n');
}

function formatLatency(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** Terminals show Hangul and other wide characters in two columns. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) {
    width +=
      /\p{Script=Hangul}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Emoji_Presentation}/u.test(
        segment,
      )
        ? 2
        : 1;
  }
  return width;
}
