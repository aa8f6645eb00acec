#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { LocalCloudError } from '@millrace/local-cloud/errors';
import { isUsageError } from './usage-error.ts';

const HELP = `millrace <command>

  demo [folder]   send sample input (or the files of a folder) through every entry point and check the results
  doctor          say what is wrong with this set-up, and how to mend it
  mappings        show how every trigger of the running local cloud is doing
  simulate        let a fleet of devices loose on the platform and compare what it reports with what it must
  reprocess       have uploads processed again by a newer version of their processor
  lake            ask the lake: SQL over the changes and the current state of every table, and the archive
  dead-letters    list, show, redrive or discard what functions put aside or gave up

millrace <command> --help tells more.`;

type Command = (args: string[]) => Promise<number>;

/** Loaded when called: what one command needs, another does not wait for. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  demo: async () => (await import('./commands/demo.ts')).demo,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  mappings: async () => (await import('./commands/mappings.ts')).mappings,
  simulate: async () => (await import('./commands/simulate.ts')).simulate,
  'dead-letters': async () => (await import('./commands/dead-letters.ts')).deadLetters,
  reprocess: async () => (await import('./commands/reprocess.ts')).reprocess,
  lake: async () => (await import('./commands/lake.ts')).lake,
};

async function main(argv: string[]): Promise<number> {
  const [name = '', ...args] = argv;
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load) return (await load())(args);
  const { values } = parseArgs({
    args: argv,
    options: { help: { type: 'boolean', short: 'h' } },
    strict: false,
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const problem = name === '' ? 'A command is needed' : `There is no command "${name}"`;
  console.error(`millrace: ${problem}. [USAGE]\n\n${HELP}`);
  return 2;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    if (isUsageError(error)) {
      console.error(`millrace: ${message} [USAGE]`);
      console.error(`Usage: millrace ${process.argv[2]} [options] (--help tells more)`);
      process.exitCode = 2;
      return;
    }
    console.error(
      `millrace: ${message}${error instanceof LocalCloudError ? ` [${error.code}]` : ''}`,
    );
    process.exitCode = 1;
  },
);
