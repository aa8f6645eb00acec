import type { Total, Totals } from '../expected/totals.ts';

/** How what is stored differs from what must be, one line for each name; none where all is equal. */
export function totalDifferences(stored: Totals, expected: Totals): string[] {
  const lines: string[] = [];
  for (const [name, should] of expected.entries()) {
    const is = stored.get(name);
    if (is?.count !== should.count || is.thousandths !== should.thousandths) {
      lines.push(`${name}: is ${text(is)}, should be ${text(should)}`);
    }
  }
  for (const [name, is] of stored.entries()) {
    if (!isThere(expected.get(name))) lines.push(`${name}: is ${text(is)}, should be nothing`);
  }
  return lines;
}

const isThere = (total: Total | undefined) =>
  total !== undefined && (total.count !== 0 || total.thousandths !== 0);

function text(total: Total | undefined): string {
  return isThere(total) ? `${total?.count} (sum ${(total?.thousandths ?? 0) / 1000})` : 'nothing';
}
