import { parseArgs } from 'node:util';
import { LocalCloudError } from '@millrace/local-cloud/errors';

/** How much a benchmark does, and whether its result decides the exit code. */
export interface SizeOptions {
  /** Rounds whose median counts. */
  readonly rounds: number;
  /** Part of the usual amount. */
  readonly scale: number;
  readonly check: boolean;
  /** Of the benchmark's own options those that were given. */
  readonly own: Readonly<Record<string, string | undefined>>;
}

/**
 * @param usualRounds where `--rounds` is not given
 * @param ownOptions names of more options, which take a text
 * @throws LocalCloudError USAGE, or what parseArgs throws
 */
export function readSizeOptions(
  args: readonly string[],
  usualRounds: number,
  ownOptions: readonly string[] = [],
): SizeOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(ownOptions.map((name) => [name, { type: 'string' as const }])),
      rounds: { type: 'string', default: String(usualRounds) },
      scale: { type: 'string', default: '1' },
      check: { type: 'boolean', default: false },
    },
  });
  const { rounds: roundsText, scale: scaleText, check, ...own } = values;
  const [rounds, scale] = [Number(roundsText), Number(scaleText)];
  if (!(Number.isInteger(rounds) && rounds >= 1 && scale > 0)) {
    throw new LocalCloudError('USAGE', '--rounds is a number from 1, --scale one above 0.');
  }
  return { rounds, scale, check, own: own as SizeOptions['own'] };
}
