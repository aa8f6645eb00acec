import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LookedFiles, RedoneFiles } from '@millrace/types';
import { describe, expect, it } from 'vitest';
import { countFiles, type FoundFile, findFiles } from '../src/reprocess/find-files.ts';
import { type RedoOptions, redoFiles, type Tally } from '../src/reprocess/redo-files.ts';
import { progressLine, showProgress } from '../src/reprocess/show-progress.ts';

const file = (id: number, more: Partial<FoundFile> = {}): FoundFile => ({
  ...{ tenant: 'acme', fileId: `f${id}`, key: `acme/f${id}/a.jpg`, order: '0A' },
  ...{ seenAt: '2026-11-24T09:00:00.000Z', status: 'ready', kind: 'image', processorVersion: 1 },
  ...more,
});
async function* filesOf(count: number) {
  for (let id = 0; id < count; id += 1) yield file(id);
}

/** Takes what it is given and comes to a verdict at the second look. */
function fakeReprocessor(fates: Record<string, LookedFiles['states'][number]> = {}) {
  const inWork = new Map<string, number>();
  const seen = { most: 0, redone: [] as string[] };
  return {
    seen,
    async redo(files: readonly FoundFile[]): Promise<RedoneFiles> {
      for (const { fileId } of files) inWork.set(fileId, 0);
      seen.redone.push(...files.map(({ fileId }) => fileId));
      seen.most = Math.max(seen.most, inWork.size);
      return { outcomes: files.map(() => 'queued') };
    },
    async look(files: readonly FoundFile[]): Promise<LookedFiles> {
      return {
        states: files.map(({ fileId }) => {
          const looks = (inWork.get(fileId) ?? 0) + 1;
          inWork.set(fileId, looks);
          const state = looks < 2 ? 'waiting' : (fates[fileId] ?? 'ready');
          if (state !== 'waiting') inWork.delete(fileId);
          return state;
        }),
      };
    },
  };
}

function settings(more: Pick<RedoOptions, 'reprocessor'> & Partial<RedoOptions>): RedoOptions {
  let time = 0;
  return {
    ...{ atOnce: 7, timeoutMs: 60_000, signal: new AbortController().signal },
    onProgress: () => {},
    now: () => time,
    pause: async () => {
      time += 500;
    },
    ...more,
  };
}

describe('files are done again', () => {
  it('each once, no more at a time than wanted, and all are accounted for', async () => {
    const reprocessor = fakeReprocessor({ f3: 'failed', f4: 'rejected', f5: 'gone' });
    const tally = await redoFiles(filesOf(60), settings({ reprocessor }));
    expect(reprocessor.seen.most).toBe(7);
    expect(reprocessor.seen.redone).toHaveLength(60);
    expect(new Set(reprocessor.seen.redone).size).toBe(60);
    const expected = { taken: 60, ready: 57, rejected: 1, failed: 1, changed: 1, unfinished: 0 };
    expect(tally).toEqual(expected);
  });
  it('and one that comes to no verdict holds up no other', async () => {
    const reprocessor = fakeReprocessor({ f0: 'waiting' });
    const tally = await redoFiles(filesOf(30), settings({ reprocessor }));
    expect(tally).toMatchObject({ taken: 30, ready: 29, unfinished: 1 });
  });
  it('where they were not decided meanwhile', async () => {
    const reprocessor = {
      ...fakeReprocessor(),
      redo: async () => ({ outcomes: ['changed', 'rejected'] as const }),
    };
    const tally = await redoFiles(filesOf(2), settings({ reprocessor }));
    expect(tally).toMatchObject({ taken: 2, changed: 1, rejected: 1, ready: 0 });
  });
  it('until it is stopped: then none is taken up any more', async () => {
    const stop = new AbortController();
    const reprocessor = fakeReprocessor();
    const pause = async () => stop.abort();
    const more = { reprocessor, pause, signal: stop.signal };
    const tally = await redoFiles(filesOf(60), settings(more));
    expect(tally).toMatchObject({ taken: 7, unfinished: 7 });
  });
  it('unless there are none', async () => {
    const tally = await redoFiles(filesOf(0), settings({ reprocessor: fakeReprocessor() }));
    expect(tally.taken).toBe(0);
  });
});

describe('files to do again', () => {
  const pages = [
    { files: [file(1), file(2, { kind: 'log' })], cursor: 'next' },
    { files: [], cursor: 'last' },
    { files: [file(3, { seenAt: '2026-11-24T11:00:00.000Z' }), file(4)] },
  ];
  const find = async (_wanted: unknown, cursor?: string) =>
    pages[cursor === undefined ? 0 : cursor === 'next' ? 1 : 2] ?? { files: [] };
  const wanted = { prefix: 'acme/', scope: 'outdated' as const };

  it('come page by page, also past an empty one', async () => {
    const ids: string[] = [];
    for await (const { fileId } of findFiles({ find }, wanted, undefined)) ids.push(fileId);
    expect(ids).toEqual(['f1', 'f2', 'f3', 'f4']);
  });
  it('are counted by what made their results, without those that are newer', async () => {
    const files = findFiles({ find }, wanted, '2026-11-24T10:00:00.000Z');
    expect(await countFiles(files)).toEqual([
      { kind: 'image', status: 'ready', processorVersion: 1, files: 2 },
      { kind: 'log', status: 'ready', processorVersion: 1, files: 1 },
    ]);
  });
});

describe('progress', () => {
  const tally: Tally = { taken: 8, ready: 5, rejected: 1, failed: 0, changed: 0, unfinished: 0 };
  it('is drawn', () => {
    expect(progressLine(tally, 12)).toBe('[############------------] 50 %  6 of 12');
  });
  it('is a line per tenth where nobody looks at a terminal', () => {
    const lines: string[] = [];
    const show = showProgress({ write: (text) => lines.push(text) }, 100);
    for (let ready = 0; ready <= 100; ready += 1) show({ ...tally, rejected: 0, ready });
    expect(lines).toHaveLength(11);
  });
});

describe('millrace reprocess', () => {
  async function run(...args: string[]) {
    const program = join(import.meta.dirname, '../src/main.ts');
    const env = { ...process.env, NO_COLOR: '1', MILLRACE_EDGE_PORT: '1' };
    const child = spawn(process.execPath, [program, 'reprocess', ...args], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const [code] = await once(child, 'close');
    return { code, stderr };
  }
  it.each([
    [[]],
    [['--prefix', 'a/', '--all', '--failed']],
    [['--prefix', 'a/', '--at-once', '0']],
    [['--prefix', 'a/', '--before', 'soon']],
    [['--prefix', 'a/', '--unknown']],
  ])('ends with 2 and says how it is used when it is called like this: %s', async (args) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^millrace: .+ \[USAGE\]\nUsage: millrace reprocess .+\n$/);
  });
  it('ends with 3 and one line when nothing answers', async () => {
    const { code, stderr } = await run('--prefix', 'a/', '--yes');
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^millrace: millrace-file-processing-local-reprocessUploads cannot .+ \[REPROCESSOR_FAILED\]\n$/,
    );
    expect(stderr).toMatch(
      /^millrace: millrace-file-processing-local-reprocessUploads cannot .+\n$/,
    );
  });
});
