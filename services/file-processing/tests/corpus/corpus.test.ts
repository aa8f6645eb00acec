import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kinds } from '../../src/domain/kinds.ts';
import { corpus } from './corpus.ts';
import type { CorpusFile } from './corpus-file.ts';
import type { Ending } from './stage.ts';

interface Limits {
  /** Seconds. */
  readonly timeout: number;
  /** MiB. */
  readonly memorySize: number;
}

/** As the functions are deployed. */
const functions: Readonly<Record<string, Limits>> = {
  router: { timeout: 60, memorySize: 512 },
  ...createRequire(import.meta.url)('../../resources/kinds.cjs'),
};
/** A test must end: what takes longer is as good as hanging. */
const MOST_SECONDS = 30;

const ffmpeg = spawnSync(process.env.FFMPEG_PATH ?? 'ffmpeg', ['-version']);
const isMissing = (role: string) => role === 'media' && ffmpeg.status !== 0 && !process.env.CI;

type Played = Ending & {
  readonly name: string;
  readonly milliseconds: number;
  /** Most that the process ever held. */
  readonly mebibytes: number;
  /** How a good file ended that came after. */
  readonly next?: Ending['status'];
};

const folder = mkdtempSync(join(tmpdir(), 'millrace-corpus-'));
const files = new Map<string, CorpusFile>();
const played = new Map<string, Ending>();

beforeAll(async () => {
  const all = await corpus();
  const listed = all.map(({ bytes, ...file }, index) => {
    writeFileSync(join(folder, `${index}`), bytes);
    return { ...file, file: `${index}` };
  });
  writeFileSync(join(folder, 'corpus.json'), JSON.stringify(listed));
  for (const file of all) files.set(file.name, file);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(['router', ...kinds.map(({ name }) => name)])('the function of %s', (role) => {
  it.skipIf(isMissing(role))(
    'ends every file in a result or a verdict, within its limits, and goes on',
    { timeout: 600_000 },
    async () => {
      const { all, last, exitCode } = await playAll(role);
      expect({ exitCode, last }).toEqual({ exitCode: 0, last: [...files.keys()].at(-1) });
      expect(all.filter((ending) => isWrong(ending)).map(describeEnding)).toEqual([]);
      const { memorySize = 0 } = functions[role] ?? {};
      expect(Math.max(...all.map(({ mebibytes }) => mebibytes))).toBeLessThan(memorySize);
      for (const { name, ...ending } of all) {
        if (ending.status !== 'elsewhere') played.set(name, ending);
      }
    },
  );
});

it('has at least 150 files, none of which nobody dealt with', () => {
  const names = [...files.keys()];
  expect(names.length).toBeGreaterThanOrEqual(150);
  const left = names.filter((name) => !played.has(name));
  if (!isMissing('media')) expect(left).toEqual([]);
});

function isWrong({ name, status, code, message, milliseconds, next }: Played): boolean {
  if (status === 'elsewhere') return false;
  const { expect: expected, code: expectedCode } = files.get(name) ?? {};
  const isReasoned = status === 'ready' || (/^[a-z_]+$/.test(code ?? '') && message !== '');
  return (
    status === 'error' ||
    !isReasoned ||
    (expected !== 'either' && status !== expected) ||
    (expectedCode !== undefined && code !== expectedCode) ||
    milliseconds > MOST_SECONDS * 1000 ||
    next === 'error' ||
    next === 'rejected'
  );
}

function describeEnding({ name, status, code, message, milliseconds, next }: Played): string {
  const { expect: expected, code: expectedCode = '' } = files.get(name) ?? {};
  return `${name}: ${status} ${code ?? ''} after ${milliseconds} ms (${message ?? ''}), then ${next}; expected ${expected} ${expectedCode}`;
}

/** In a process of its own, given the memory of its function. */
async function playAll(role: string) {
  const script = join(import.meta.dirname, 'play-all.ts');
  const { memorySize = 0 } = functions[role] ?? {};
  const heap = `--max-old-space-size=${Math.floor(memorySize * 0.9)}`;
  const child = spawn(process.execPath, [heap, script, folder, role], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const kill = () => child.kill('SIGKILL');
  let timer = setTimeout(kill, MOST_SECONDS * 2000);
  const all: Played[] = [];
  let last: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    clearTimeout(timer);
    timer = setTimeout(kill, MOST_SECONDS * 2000);
    const told: Played | { readonly begun: string } = JSON.parse(line);
    if ('begun' in told) last = told.begun;
    else all.push(told);
  }
  clearTimeout(timer);
  return { all, last, exitCode: await ended };
}
