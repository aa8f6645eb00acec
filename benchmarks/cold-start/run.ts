import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { LocalCloudError } from '@millrace/local-cloud/errors';
import { machineFacts } from '../machine.ts';
import { median } from '../statistics.ts';
import { unzip } from './unzip.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Megabytes of a zip: of the function with native code, and of any other. */
const LARGEST: Readonly<Record<string, number>> = { processImage: 15 };
const LARGEST_OTHER = 1;

export interface ColdStartOptions {
  readonly service: string;
  readonly rounds: number;
  readonly check: boolean;
}

/** @throws LocalCloudError USAGE, or what parseArgs throws */
export function readOptions(args: readonly string[]): ColdStartOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      service: { type: 'string', default: 'file-processing' },
      rounds: { type: 'string', default: '9' },
      check: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!(Number.isInteger(rounds) && rounds >= 1)) {
    throw new LocalCloudError('USAGE', '--rounds is a whole number from 1.');
  }
  return { service: values.service, rounds, check: values.check };
}

interface Packaged {
  readonly name: string;
  readonly zipBytes: number;
  /** The handler's file as it is deployed. */
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Packages the service as for a deployment and imports every handler in a new process: what Lambda
 * does in a cold start once it has the code. A bare handler in the same round is what Node takes.
 */
export async function runColdStart(
  { service, rounds, check }: ColdStartOptions,
  print: (line: string) => void,
): Promise<0 | 1> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-cold-start-'));
  try {
    const bare = join(folder, 'bare.mjs');
    await writeFile(bare, 'export const handler = async () => {};\n');
    const functions = [
      { name: 'a bare handler', zipBytes: 0, file: bare, environment: {} },
      ...(await packaged(service, folder)),
    ];
    const times = functions.map((): number[] => []);
    // In turns, so that what else the machine does meets all of them.
    for (let round = 0; round <= rounds; round += 1) {
      for (const [at, one] of functions.entries()) {
        const milliseconds = await importTime(one);
        // The first round only fills the caches of the disk.
        if (round > 0) times[at]?.push(milliseconds);
      }
    }
    print(`\n${machineFacts()}\n${rounds} starts of each function of ${service}, medians\n`);
    print('| function | zip, MB | at most | import, ms |\n|---|---:|---:|---:|');
    for (const [at, { name, zipBytes }] of functions.entries()) {
      const size = at === 0 ? ['', ''] : [(zipBytes / 1e6).toFixed(2), `${limitOf(name)}`];
      print(`| ${[name, ...size, median(times[at] ?? []).toFixed(0)].join(' | ')} |`);
    }
    const isTooLarge = functions.some(({ name, zipBytes }) => zipBytes > limitOf(name) * 1e6);
    return check && isTooLarge ? 1 : 0;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const limitOf = (name: string) => LARGEST[name] ?? LARGEST_OTHER;

async function packaged(service: string, folder: string): Promise<Packaged[]> {
  const cwd = join(ROOT, 'services', service);
  const sls = join(cwd, 'node_modules/.bin/sls');
  const into = join(folder, 'package');
  await promisify(execFile)(sls, ['package', '--stage', 'local', '--package', into], { cwd });
  const functions = await functionsIn(into);
  const zips = (await readdir(into)).filter((name) => name.endsWith('.zip'));
  return await Promise.all(
    zips.sort().map(async (zip) => {
      const name = zip.replace('.zip', '');
      const { handler = '', environment = {} } = functions.get(name) ?? {};
      const code = join(folder, name);
      await mkdir(code);
      await unzip(join(into, zip), code);
      return {
        name,
        zipBytes: (await stat(join(into, zip))).size,
        file: join(code, handler.replace(/\.\w+$/, '.mjs')),
        environment,
      };
    }),
  );
}

interface Template {
  readonly Resources: Readonly<
    Record<
      string,
      {
        readonly Type: string;
        readonly Properties: {
          readonly FunctionName: string;
          readonly Handler: string;
          readonly Environment?: { readonly Variables: Readonly<Record<string, unknown>> };
        };
      }
    >
  >;
}

/** The functions of a packaged service, by the names that their zips have. */
async function functionsIn(folder: string) {
  const file = join(folder, 'cloudformation-template-update-stack.json');
  const { Resources } = JSON.parse(await readFile(file, 'utf8')) as Template;
  const functions = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  return new Map(
    functions.map(({ Properties: { FunctionName, Handler, Environment } }) => {
      const variables = Object.entries(Environment?.Variables ?? {});
      const environment = Object.fromEntries(
        variables.map(([key, value]) => [key, settingOf(value)]),
      );
      return [FunctionName.split('-').at(-1) ?? '', { handler: Handler, environment }];
    }),
  );
}

/** A handler reads its settings while it is imported; how a resource is called makes no difference. */
function settingOf(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return 'x';
  if ('Fn::Sub' in value) return settingOf(value['Fn::Sub']);
  if (!('Fn::Join' in value)) return 'x';
  const [between, parts] = value['Fn::Join'] as [string, unknown[]];
  return parts.map(settingOf).join(between);
}

const TIMED = `
  const began = performance.now();
  await import(process.argv[1]);
  process.stdout.write(String(performance.now() - began));
  process.exit(0);
`;

async function importTime({ file, environment }: Packaged): Promise<number> {
  const args = ['--input-type=module', '--eval', TIMED, file];
  const child = promisify(execFile)(process.execPath, args, {
    env: { PATH: process.env.PATH, AWS_REGION: 'us-east-1', ...environment },
  });
  // What it has printed begins with the whole line of the bundle.
  const { stdout } = await child.catch(({ stderr }: { stderr: string }) => {
    const [line = stderr.slice(-500)] = /^.*Error.*: .*$/m.exec(stderr.slice(-2_000)) ?? [];
    throw new Error(`${file} cannot be imported: ${line.slice(0, 500)}`);
  });
  return Number(stdout);
}
