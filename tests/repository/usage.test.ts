import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const MILLRACE = 'packages/operations/src/main.ts';

async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [join(ROOT, program), ...args], {
    env: { ...process.env, NO_COLOR: '1', ...env },
    // The channel that npm's bootstrap holds to every verb.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const all = (stream: Readable | null) => text(stream ?? Readable.from([]));
  const [stdout, stderr, code] = await Promise.all([all(child.stdout), all(child.stderr), ended]);
  return { stdout, stderr, code };
}

describe.each([
  ['start', 'npm start [-- options]', '--faults'],
  ['bench', 'npm run bench -- <name> [options]', '--rounds'],
  ['conformance', 'npm run conformance [-- options]', '--endpoint'],
  ['test-faults', 'npm run test:faults [-- options]', '--seeds'],
  ['soak', 'npm run soak [-- options]', '--duplicates'],
  ['demo', 'millrace demo [folder]', '--timeout'],
  ['simulate', 'millrace simulate [options]', '--devices'],
])('%s --help', (verb, usage, option) => {
  it.each(['--help', '-h'])('%s tells how it is used and does nothing', async (flag) => {
    const { stdout, stderr, code } = await run(`scripts/${verb}.ts`, [flag]);
    expect(stdout.split('\n')[0]).toBe(usage);
    expect(stdout).toContain(option);
    expect([stderr, code]).toEqual(['', 0]);
  });
});

it('tells the options of one benchmark by --help too', async () => {
  const { stdout, code } = await run('scripts/bench.ts', ['idle', '--help']);
  expect([stdout.split('\n')[0], code]).toEqual(['npm run bench -- <name> [options]', 0]);
});

it.each([
  ['scripts/start.ts', ['--nonsense'], 'npm start [-- options]', 1],
  ['scripts/bench.ts', [], 'npm run bench -- <name> [options]', 1],
  ['scripts/bench.ts', ['speed'], 'npm run bench -- <name> [options]', 1],
  ['scripts/bench.ts', ['idle', '--seconds', 'x'], 'npm run bench -- <name> [options]', 1],
  ['scripts/bench.ts', ['triggers', '--sources', 'tape'], 'npm run bench -- <name>', 1],
  ['scripts/conformance.ts', ['--nonsense'], 'npm run conformance [-- options]', 2],
  ['scripts/conformance.ts', ['--only', 'no-such-rule'], 'npm run conformance [-- options]', 2],
  ['scripts/test-faults.ts', ['--seeds', 'many'], 'npm run test:faults [-- options]', 2],
  ['scripts/soak.ts', ['--events', 'many'], 'npm run soak [-- options]', 2],
  ['scripts/soak.ts', ['--poison', '2'], 'npm run soak [-- options]', 2],
  ['scripts/demo.ts', ['--nonsense'], 'npm run demo', 1],
  ['scripts/demo.ts', ['--timeout', 'soon'], 'npm run demo', 1],
  ['scripts/simulate.ts', ['--nonsense'], 'npm run simulate [-- options]', 1],
  ['scripts/simulate.ts', ['--devices', 'many'], 'npm run simulate [-- options]', 1],
  [MILLRACE, ['demo', '--nonsense'], 'millrace demo', 2],
  [MILLRACE, ['simulate', '--rate', '0'], 'millrace simulate', 2],
  [MILLRACE, ['demo', '--timeout', 'soon'], 'millrace demo', 2],
  [MILLRACE, ['mappings', '--watch', '--check'], 'millrace mappings', 2],
  [MILLRACE, ['doctor', '--stage', 'Prod!'], 'millrace doctor', 2],
  [MILLRACE, ['dead-letters', 'discard', '--yes'], 'millrace dead-letters', 2],
] as const)(
  '%s %j is refused with its code and the way to use it',
  async (program, args, usage, expected) => {
    const { stdout, stderr, code } = await run(program, args);
    const [line, hint, ...more] = stderr.split('\n');
    expect(line).toMatch(/^millrace: .+ \[USAGE\]$/);
    expect(hint).toContain(`Usage: ${usage}`);
    expect([stdout, more, code]).toEqual(['', [''], expected]);
  },
);

it.each([[[]], [['nothing']]])(
  'millrace %j is refused with its code and all commands',
  async (args) => {
    const { stderr, code } = await run(MILLRACE, args);
    expect(stderr).toMatch(/^millrace: .+ \[USAGE\]\n\nmillrace <command>\n/);
    expect(code).toBe(2);
  },
);

it('names the page of the ports in use in the help of millrace mappings', async () => {
  const { stdout, code } = await run(MILLRACE, ['mappings', '--help'], {
    MILLRACE_PORT_OFFSET: '70',
  });
  expect(stdout).toContain(' http://127.0.0.1:4636/_millrace/\n');
  expect(stdout).not.toContain('4566');
  expect(code).toBe(0);
});
