import { existsSync } from 'node:fs';
import { mkdtemp, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { LocalCloudError } from '@millrace/local-cloud/errors';
import { startStack } from '@millrace/local-cloud/stack';
import { machineFacts } from '../machine.ts';
import { type ProcessTime, processFamily } from './process-tree.ts';

/** What the whole local stack may use of one core while nothing happens. */
const LIMIT_PERCENT = 5;

export interface IdleOptions {
  /** Seconds after everything is ready, for what starting leaves to do. */
  readonly rest: number;
  /** Seconds over which processor time is counted. */
  readonly seconds: number;
  /** Whether more than the limit is a failure. */
  readonly check: boolean;
}

/** @throws LocalCloudError USAGE, or what parseArgs throws */
export function readOptions(args: readonly string[]): IdleOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rest: { type: 'string', default: '30' },
      seconds: { type: 'string', default: '60' },
      check: { type: 'boolean', default: false },
    },
  });
  const [rest, seconds] = [Number(values.rest), Number(values.seconds)];
  if (!(rest >= 0 && seconds >= 1))
    throw new LocalCloudError('USAGE', '--rest and --seconds are seconds.');
  return { rest, seconds, check: values.check };
}

/** A process and the part of one core that it used, in percent. */
interface Usage {
  readonly name: string;
  readonly pid: number;
  readonly percent: number;
}

/**
 * Starts every service, leaves them alone, and prints what each process used.
 *
 * @throws Error where there is no `/proc`
 */
export async function runIdle(options: IdleOptions, print: (line: string) => void): Promise<0 | 1> {
  if (!existsSync('/proc/self/stat')) {
    throw new Error('Processor time is read from /proc, which only Linux has: measure there.');
  }
  const root = join(import.meta.dirname, '..', '..');
  const stateDir = await mkdtemp(join(tmpdir(), 'millrace-idle-'));
  const stack = await startStack({ root, stateDir, ports: { edge: 0, mqtt: 0, api: 0 } });
  try {
    print(`  ready; resting for ${options.rest} s, then measuring for ${options.seconds} s`);
    await sleep(options.rest * 1_000);
    const usages = await measureFamily(options.seconds);
    const total = usages.reduce((sum, { percent }) => sum + percent, 0);
    print(`\n${machineFacts()}\n`);
    print(table(usages, total));
    return options.check && total >= LIMIT_PERCENT ? 1 : 0;
  } finally {
    await stack.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

/** This process counts too: it is what `npm start` is to the services. */
async function measureFamily(seconds: number): Promise<Usage[]> {
  const before = new Map(processFamily(process.pid).map((each) => [each.pid, each.cpuMs]));
  const startedAt = performance.now();
  await sleep(seconds * 1_000);
  const after = processFamily(process.pid);
  const elapsedMs = performance.now() - startedAt;
  const used = ({ pid, cpuMs }: ProcessTime) => cpuMs - (before.get(pid) ?? 0);
  return Promise.all(
    after.map(async (each) => ({
      name: await nameOf(each),
      pid: each.pid,
      percent: (used(each) / elapsedMs) * 100,
    })),
  );
}

/** What a person knows the process by: services are told apart by their folders. */
async function nameOf({ pid, command }: ProcessTime): Promise<string> {
  if (pid === process.pid) return 'the process that starts all';
  if (command.includes('cloud-main')) return 'cloud';
  if (command.includes('serverless.js')) {
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    return `service ${basename(folder)}`;
  }
  const [program = '', ...args] = command.split(' ');
  if (basename(program) === 'dynoxide') return 'DynamoDB engine';
  return args.includes('millrace-guard') ? 'guard of the DynamoDB engine' : basename(program);
}

function table(usages: readonly Usage[], total: number): string {
  return [
    '| process | pid | % of one core |',
    '|---|---:|---:|',
    ...usages.map(({ name, pid, percent }) => `| ${name} | ${pid} | ${percent.toFixed(2)} |`),
    `| together | | ${total.toFixed(2)} |`,
    '',
    `${total < LIMIT_PERCENT ? 'Below' : 'Not below'} ${LIMIT_PERCENT} % of one core.`,
  ].join('\n');
}
