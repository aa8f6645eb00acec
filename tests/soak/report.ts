import type { SoakOptions, SoakResult } from './run/soak.ts';

const MOST_LINES = 40;

/** The figures, and after a failure how to see it again. */
export function describeResult(result: SoakResult, options: SoakOptions): string {
  const { differences, compared, figures } = result;
  const width = Math.max(...Object.keys(figures).map(({ length }) => length));
  const lines = Object.entries(figures).map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  if (differences.length === 0) {
    return [...lines, '', `${compared} totals and states are what was sent, to the unit.`].join(
      '\n',
    );
  }
  return [
    ...lines,
    '',
    `${differences.length} of ${compared} totals and states differ:`,
    ...differences.slice(0, MOST_LINES).map((line) => `  ${line}`),
    ...(differences.length > MOST_LINES ? [`  … and ${differences.length - MOST_LINES} more`] : []),
    `again: ${commandOf(options)}`,
  ].join('\n');
}

/** The same events and decisions; what runs at the same time is the machine's. */
function commandOf({ seed, events, minutes, duplicates, poison, kills }: SoakOptions): string {
  const values = { seed, events, minutes, duplicates, poison, kills };
  const options = Object.entries(values).map(([name, value]) => `--${name} ${value}`);
  return `npm run soak -- ${options.join(' ')}`;
}
