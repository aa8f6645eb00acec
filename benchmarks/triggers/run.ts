import { parseArgs } from 'node:util';
import { LocalCloudError } from '@millrace/local-cloud/errors';
import { machineFacts } from '../machine.ts';
import { startCollector } from './collector.ts';
import { scaledAmounts } from './measure.ts';
import { type StatePlace, startMillrace } from './millrace.ts';
import { startDeployedMiniStack } from './mini-stack.ts';
import { behind, compare, setAside, soloTable, table } from './report.ts';
import { runRounds } from './rounds.ts';
import { SOURCE_NAMES, type SourceName } from './sources.ts';

export interface TriggersOptions {
  readonly rounds: number;
  /** Part of the usual amounts. */
  readonly scale: number;
  readonly sources: readonly SourceName[];
  /** Ours by itself. */
  readonly solo: boolean;
  readonly state: StatePlace;
  /** Whether a figure in which ours is not ahead is a failure. */
  readonly check: boolean;
}

/** @throws LocalCloudError USAGE, or what parseArgs throws */
export function readOptions(args: readonly string[]): TriggersOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      scale: { type: 'string', default: '1' },
      sources: { type: 'string', default: SOURCE_NAMES.join(',') },
      solo: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      state: { type: 'string', default: 'memory' },
    },
  });
  const sources = values.sources.split(',').map((name) => {
    const known = SOURCE_NAMES.find((source) => source === name);
    if (!known)
      throw new LocalCloudError('USAGE', `There is no source ${name}: ${SOURCE_NAMES.join(', ')}.`);
    return known;
  });
  const { state } = values;
  if (state !== 'memory' && state !== 'disk') {
    throw new RangeError(`--state is memory or disk, not ${state}.`);
  }
  return {
    state,
    rounds: numberBetween('rounds', values.rounds, 1, 20),
    scale: numberBetween('scale', values.scale, 0.001, 10),
    sources,
    solo: values.solo,
    check: values.check,
  };
}

function numberBetween(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (value >= least && value <= most) return value;
  throw new LocalCloudError(
    'USAGE',
    `--${name} is a number from ${least} to ${most}, not ${text}.`,
  );
}

/** Measures and prints. Resolves with the exit code. */
export async function runTriggers(
  options: TriggersOptions,
  print: (line: string) => void,
): Promise<0 | 1> {
  const startedAt = performance.now();
  await using collector = await disposable(startCollector());
  await using ours = await startMillrace(collector.address, options.state);
  await using theirs = options.solo ? undefined : await startDeployedMiniStack(collector.address);
  const results = await runRounds({
    ...options,
    subjects: theirs ? [ours, theirs] : [ours],
    amounts: scaledAmounts(options.scale),
    collector,
    onProgress: (line) => print(`  ${line}`),
  });
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  print(
    `\n${machineFacts()}\n${options.rounds} rounds, Millrace's state in ${options.state === 'disk' ? 'a folder on disk' : 'memory'}, ${seconds} s`,
  );
  print(`${setAside(results)}\n`);
  if (!theirs) {
    print(soloTable(results.get(ours.name) ?? new Map()));
    return 0;
  }
  const comparisons = compare(results, ours.name, theirs.name);
  print(table(comparisons, ours.name, theirs.name));
  const lost = behind(comparisons);
  print(`\n${lost.length === 0 ? 'Millrace is ahead on each.' : lost.join('\n')}`);
  return options.check && lost.length > 0 ? 1 : 0;
}

async function disposable<T extends { close(): Promise<void> }>(
  opening: Promise<T>,
): Promise<T & AsyncDisposable> {
  const opened = await opening;
  return Object.assign(opened, { [Symbol.asyncDispose]: () => opened.close() });
}
