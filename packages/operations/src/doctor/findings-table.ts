import type { Finding } from './finding.ts';

const MARKS = { good: '✔', attention: '!', wrong: '✘' } as const;

/** A line for each finding, what to do below it, and how many there are of what. */
export function findingsTable(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ level, what, remedy }) => [
    `${MARKS[level]}  ${what}`,
    ...(remedy === undefined ? [] : [`   → ${remedy}`]),
  ]);
  return [...lines, '', verdictOf(findings)].join('\n');
}

function verdictOf(findings: readonly Finding[]): string {
  const count = (level: Finding['level']) => findings.filter((one) => one.level === level).length;
  const noticed = count('attention') === 0 ? '' : `, ${count('attention')} to know of`;
  if (count('wrong') > 0) return `${count('wrong')} wrong${noticed}.`;
  return `Nothing is wrong${noticed}.`;
}
