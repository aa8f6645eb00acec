/**
 * `npm run soak`: a million events of a seed through the handlers of stream-analytics, with repetitions,
 * poison, throttles, kills and a resharded stream; what is stored must be what was sent, to the unit.
 */
import { parseArgs } from 'node:util';
import { LocalCloudError } from '@millrace/local-cloud/errors';
import { recordRegistrations } from '../tests/faults/platform/registrations.ts';
import { describeResult } from '../tests/soak/report.ts';
import { runSoak, SOAKED, type SoakOptions } from '../tests/soak/run/soak.ts';
import { printFailure, printHelp } from './terminal.ts';
import { closingLine } from './test-run.ts';

const HELP = `npm run soak [-- options]

Events of a seed through the whole of stream-analytics, while it is throttled, killed and its stream
resharded; ends with how what is stored differs from the plain sums of what was sent.

  --events <n>         events to send (default 1000000)
  --seed <n>           what they are, and what goes wrong (default: drawn, and printed)
  --minutes <n>        how long all may take; sends fewer events where it must (default 60)
  --duplicates <share> of the events, sent once more (default 0.05)
  --poison <share>     of the events, so many records that nobody can process (default 0.01)
  --kills <n>          how often the process of the functions is killed (default: per 25,000 events)

Exit code 0 where all agrees, 1 where something differs, 2 after a wrong option.`;

const EVENTS_PER_KILL = 25_000;

/** @throws LocalCloudError USAGE, or what parseArgs throws */
function readOptions(): SoakOptions {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: String(1 + Math.floor(Math.random() * 999_999)) },
      minutes: { type: 'string', default: '60' },
      duplicates: { type: 'string', default: '0.05' },
      poison: { type: 'string', default: '0.01' },
      kills: { type: 'string' },
    },
  });
  const events = wholeNumber('events', values.events);
  return {
    events,
    seed: wholeNumber('seed', values.seed),
    minutes: wholeNumber('minutes', values.minutes),
    duplicates: share('duplicates', values.duplicates),
    poison: share('poison', values.poison),
    kills:
      values.kills === undefined
        ? Math.ceil(events / EVENTS_PER_KILL)
        : wholeNumber('kills', values.kills),
  };
}

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new LocalCloudError('USAGE', `--${name} takes a whole number from 1, not ${text}.`);
}

function share(name: string, text: string): number {
  const value = Number(text);
  if (text !== '' && value >= 0 && value <= 1) return value;
  throw new LocalCloudError('USAGE', `--${name} takes a share from 0 to 1, not ${text}.`);
}

async function main(options: SoakOptions): Promise<number> {
  console.log(`seed ${options.seed}: ${options.events} events within ${options.minutes} minutes`);
  const services = await recordRegistrations(SOAKED);
  const result = await runSoak(services, { ...options, onProgress: showProgress });
  endProgress();
  console.log(describeResult(result, options));
  const failed = result.differences.length > 0;
  console.log(`\n${closingLine({ passed: Number(!failed), failed: Number(failed), skipped: 0 })}`);
  return failed ? 1 : 0;
}

/** One line that changes, where there is a terminal; else a line each time. */
function showProgress(line: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${line}`);
  else console.log(line);
}

function endProgress(): void {
  if (process.stdout.isTTY) process.stdout.write('\n');
}

function optionsOrEnd(): SoakOptions {
  try {
    if (printHelp(process.argv.slice(2), HELP)) process.exit(0);
    return readOptions();
  } catch (error) {
    printFailure(error, HELP);
    process.exit(2);
  }
}

// Ended by `exit`, it takes its files with it: they may fill the memory.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(1));
}
main(optionsOrEnd()).then(
  // A client's idle connection must not hold the process.
  (code) => process.exit(code),
  (error: unknown) => {
    printFailure(error, HELP);
    process.exit(1);
  },
);
