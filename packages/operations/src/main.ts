import { parseArgs } from 'node:util';
import { demo } from './commands/demo.ts';

const HELP = `millrace <command>

  demo [folder]   send sample input (or the files of a folder) through every entry point and check the results

millrace <command> --help tells more.`;

const COMMANDS: Record<string, (args: string[]) => Promise<number>> = { demo };

async function main(argv: string[]): Promise<number> {
  const [name = '', ...args] = argv;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command) return command(args);
  const { values } = parseArgs({
    args: argv,
    options: { help: { type: 'boolean', short: 'h' } },
    strict: false,
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  console.error(name === '' ? HELP : `There is no command "${name}".\n\n${HELP}`);
  return 2;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`millrace: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  },
);
