import { alignRows } from '../terminal/columns.ts';
import type { Answer } from './ask-lake.ts';

/** Lines for a terminal; cells that are long are cut. */
export function answerTable({ columns, numeric, rows }: Answer): string[] {
  const cells = rows.map((row) => row.map((cell) => shorten(asText(cell))));
  const right = new Set(numeric.flatMap((isNumber, column) => (isNumber ? [column] : [])));
  return alignRows([columns, ...cells], right).map((line) => line.trimEnd());
}

/** An array of objects. */
export function answerJson({ columns, rows }: Answer): string {
  const objects = rows.map((row) =>
    Object.fromEntries(columns.map((name, column) => [name, row[column] ?? null])),
  );
  return JSON.stringify(objects, null, 2);
}

/** https://www.rfc-editor.org/rfc/rfc4180; null is an empty field, an empty text is quoted. */
export function answerCsv({ columns, rows }: Answer): string {
  return [columns, ...rows].map((row) => `${row.map(csvField).join(',')}\r\n`).join('');
}

function csvField(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  const text = asText(cell);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function asText(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
}

const WIDEST = 60;

function shorten(cell: string): string {
  const line = cell.replaceAll(/[\r\n\t]/g, ' ');
  return line.length > WIDEST ? `${line.slice(0, WIDEST - 1)}…` : line;
}
