import { accessSync, constants, existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { attention, type Finding, good } from './finding.ts';

/** What `npm start` was seen to take while it starts, bundlers included (6.6 GB), and a little room. */
const WANTED_MEMORY = 7 * 1024 ** 3;

export interface Machine {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** Bytes that programs may still take. */
  readonly availableMemory: number;
  readonly processors: number;
  /** `24.21.0` */
  readonly node: string;
}

export function thisMachine(root: string): Machine {
  return {
    ...{ root, env: process.env, node: process.versions.node },
    availableMemory: process.availableMemory(),
    processors: availableParallelism(),
  };
}

/** Programs that something is done with only where they are there. */
const PROGRAMS = [
  { code: 'ffmpeg', names: ['ffmpeg'], variable: 'FFMPEG_PATH', for: 'videos and sounds' },
  {
    ...{ code: 'chromium', names: ['chromium', 'chromium-browser', 'google-chrome'] },
    ...{ variable: 'CHROMIUM_PATH', for: 'the tests in a browser' },
  },
  { code: 'ministack', names: [], tool: 'ministack', for: 'the rehearsal of a deployment' },
  { code: 'cfn-lint', names: [], tool: 'cfn-lint', for: 'the check of the templates' },
] as const;

export function lookAtMachine(machine: Machine): Finding[] {
  return [nodeOf(machine), memoryOf(machine), ...PROGRAMS.map((program) => find(program, machine))];
}

function nodeOf({ node, processors }: Machine): Finding {
  return good('node', `Node ${node} on ${processors} processors`);
}

function memoryOf({ availableMemory }: Machine): Finding {
  const available = `${(availableMemory / 1024 ** 3).toFixed(1)} GB of memory are available`;
  if (availableMemory >= WANTED_MEMORY) return good('memory', available);
  return attention(
    'memory_low',
    available,
    'Close something, or start only what you work on: npm start -- --services api,etl',
  );
}

function find(program: (typeof PROGRAMS)[number], machine: Machine): Finding {
  const path = pathOf(program, machine);
  if (path !== undefined) return good(program.code, `${program.code}: ${path}`);
  return attention(
    `${program.code}_missing`,
    `${program.code} is not there: ${program.for} will do without`,
    `bash scripts/install-tools.sh${'variable' in program ? `, or name yours with ${program.variable}` : ''}`,
  );
}

function pathOf(program: (typeof PROGRAMS)[number], { root, env }: Machine): string | undefined {
  const named = 'variable' in program ? env[program.variable] : undefined;
  if (named) return isProgram(named) ? named : undefined;
  if ('tool' in program) {
    const tool = join(root, '.tools/python/bin', program.tool);
    return existsSync(tool) ? tool : undefined;
  }
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return program.names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
