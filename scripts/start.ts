/**
 * `npm start [-- --no-demo] [--services a,b] [--faults file] [--verbose]`: the local cloud and all
 * services, until Ctrl-C. A second Ctrl-C ends everything at once. Faults are injected by the plan
 * that `--faults` names, else `MILLRACE_FAULTS`, else `millrace.faults.yml` at the root if it is there.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { portsFromEnvironment, portsToEnvironment } from '@millrace/local-cloud/addresses';
import { type Stack, serviceFolders, startStack } from '@millrace/local-cloud/stack';
import { errorLine, noteworthy, printFailure, printHelp, serviceLine, table } from './terminal.ts';

const FAULTS_FILE = 'millrace.faults.yml';
const HELP = `npm start [-- options]

The local cloud and all services, until Ctrl-C; a second Ctrl-C ends everything at once.

  --no-demo           without the sample input
  --services a,b      only these folders of services/, without the sample input
  --faults <file>     injects faults by this plan (default: MILLRACE_FAULTS, else ${FAULTS_FILE} if it is there)
  --verbose           every line of the services' logs`;
const root = join(import.meta.dirname, '..');
const startedAt = Number(process.env.MILLRACE_STARTED_AT ?? performance.timeOrigin);

let stack: Stack | undefined;
let demo: ChildProcess | undefined;
const giveUp = new AbortController();
let stopRequestedAt: number | undefined;

async function main(): Promise<void> {
  // The handlers of signals would keep the process.
  if (printHelp(process.argv.slice(2), HELP)) process.exit(0);
  const options = readOptions();
  const ports = portsFromEnvironment(process.env);
  console.log('Millrace: starting the local cloud and the services');
  stack = await startStack({
    root,
    ports,
    signal: giveUp.signal,
    ...(options.services ? { services: options.services } : {}),
    ...(options.faults ? { faults: options.faults } : {}),
    onProgress: (message) => console.log(`  ${message}`),
    onLog(name, line) {
      if (options.verbose) show(name, line);
      // What goes wrong before that ends the start, and is told then.
      else if (stack) show(name, noteworthy(line));
    },
    onWarning: (name, text) => show(name, `not as on AWS: ${text}`),
  });
  printAddresses(stack);
  void stack.failed.then(async (error) => {
    console.error(errorLine(error));
    await finish(1);
  });
  if (options.demo) runDemo(portsToEnvironment(ports));
}

const names = serviceFolders(root);

function show(name: string, text: string | undefined): void {
  if (text === undefined || stopRequestedAt !== undefined) return;
  console.log(serviceLine(names, name, text));
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      faults: { type: 'string' },
      'no-demo': { type: 'boolean', default: false },
      services: { type: 'string' },
      verbose: { type: 'boolean', default: false },
    },
  });
  const services = values.services?.split(',').filter((name) => name !== '');
  // The sample input goes through every service: with some of them only, it could not arrive.
  const faults = values.faults ?? process.env.MILLRACE_FAULTS ?? presentAtRoot(FAULTS_FILE);
  return { services, faults, verbose: values.verbose, demo: !values['no-demo'] && !services };
}

function presentAtRoot(name: string): string | undefined {
  const file = join(root, name);
  return existsSync(file) ? file : undefined;
}

/** Short where it is below the folder that the person is in. */
function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') ? path : short;
}

function printAddresses(running: Stack): void {
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`
${table([
  ['AWS services', `AWS_ENDPOINT_URL=${running.edgeUrl.replace('127.0.0.1', 'localhost')}`],
  ...(running.apiUrl ? [['HTTP API', `${running.apiUrl}/v1`] as const] : []),
  ['live page', `${running.edgeUrl.replace('127.0.0.1', 'localhost')}/_millrace/`],
  ['MQTT', running.mqttUrl.replace('127.0.0.1', 'localhost')],
  [
    'MQTT, TLS',
    `${running.mqttsUrl.replace('127.0.0.1', 'localhost')} (certificates: ${join(shown(running.stateDir), 'iot', 'ca.pem')})`,
  ],
  ['PostgreSQL', running.postgresUrl.replace('127.0.0.1', 'localhost')],
  ['region', 'us-east-1, account 000000000000'],
  ['credentials', 'any; presigned URLs: millrace / millrace'],
  ['logs', join(shown(running.stateDir), 'logs', '<service>.log')],
  ...(running.faults
    ? [['faults', `injected: seed ${running.faults.seed}, ${shown(running.faults.file)}`] as const]
    : []),
  ['state', `${shown(running.stateDir)} ("npm run reset" forgets it)`],
])}

Ready in ${seconds} s. Ctrl-C stops everything.
`);
}

/** The sample input, once. Its table tells what is wrong; the stack stays up for a look at it. */
function runDemo(ports: Record<string, string>): void {
  const program = join(root, 'packages/operations/src/main.ts');
  demo = spawn(process.execPath, [program, 'demo'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...ports, ...(stack ? { MILLRACE_STATE_DIR: stack.stateDir } : {}) },
  });
  demo.once('error', (error) => console.error(errorLine(error)));
}

/**
 * npm, the shell and the terminal may each pass the same Ctrl-C on: only a signal a second later is a
 * second one.
 */
async function onSignal(): Promise<void> {
  const now = Date.now();
  if (stopRequestedAt !== undefined) {
    if (now - stopRequestedAt < 1_000) return;
    stack?.kill();
    process.exit(130);
  }
  stopRequestedAt = now;
  console.log('\nStopping');
  giveUp.abort();
  if (stack) await finish(0);
}

async function finish(code: number): Promise<void> {
  demo?.kill('SIGTERM');
  await stack?.stop();
  process.exit(code);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void onSignal());
}
// The process that started this one is gone: nobody is left to stop it later.
process.on('disconnect', () => void onSignal());

main().catch((error: unknown) => {
  if (stopRequestedAt !== undefined) process.exit(0);
  printFailure(error, HELP);
  process.exit(1);
});
