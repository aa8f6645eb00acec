import { parseArgs } from 'node:util';
import { UsageError } from '../usage-error.ts';

export interface DemoArguments {
  readonly help: boolean;
  readonly json: boolean;
  /** How long to wait for a result. */
  readonly timeoutMs: number;
  /** Whose files are sent instead of the sample input. */
  readonly folder: string | undefined;
}

/** @throws UsageError, or what parseArgs throws */
export function readDemoArguments(args: readonly string[]): DemoArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      timeout: { type: 'string', default: '90' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [folder, ...more] = positionals;
  if (more.length > 0) throw new UsageError('One folder at a time.');
  const seconds = Number(values.timeout);
  if (!(seconds > 0)) {
    throw new UsageError(`--timeout takes a number of seconds, not "${values.timeout}".`);
  }
  return { help: values.help, json: values.json, timeoutMs: seconds * 1000, folder };
}
