import { inOneLine } from '../../dead-letters/printable.ts';
import type { RedriveReport } from '../../dead-letters/redrive-report.ts';
import { alignRows } from '../../terminal/columns.ts';
import type { Settings } from './settings.ts';

/** @returns the exit code. */
export function printReport(
  { action, isJson, isAgreed }: Pick<Settings, 'action' | 'isJson' | 'isAgreed'>,
  report: RedriveReport,
  isStopped: boolean,
): number {
  const { seen, stays, more } = report;
  const tally = report.tally();
  if (isJson) {
    const told = { action, isDone: isAgreed, isStopped, seen, stays, more };
    console.log(JSON.stringify({ ...told, ...tally, rows: report.rows() }, null, 2));
  } else {
    for (const line of tableOf(report)) console.log(line);
    console.log(isAgreed ? closingLine(report) : `${seen} found. Have it done with --yes.`);
    if (more > 0)
      console.log(`${more} or more are beyond what one run takes up: the same command goes on.`);
    if (isStopped) console.log('Stopped. The same command goes on.');
  }
  return !isAgreed || (stays + more === 0 && !isStopped) ? 0 : 1;
}

function closingLine(report: RedriveReport): string {
  const told = Object.entries(report.tally())
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${count} ${outcome.replace('_', ' ')}`);
  return `${told.join(', ') || 'nothing found'}; ${report.stays} stay.`;
}

function tableOf(report: RedriveReport): string[] {
  const rows = report.rows();
  if (rows.length === 0) return [];
  const cells = rows.map((row) => [
    ...[row.kind, inOneLine(row.function || '–'), inOneLine(row.code)],
    ...[String(row.entries), String(row.records), row.outcome, inOneLine(row.reason)],
  ]);
  const head = ['kind', 'function', 'code', 'entries', 'records', 'outcome', 'reason'];
  return alignRows([head, ...cells], new Set([3, 4])).map((line) => line.trimEnd());
}
