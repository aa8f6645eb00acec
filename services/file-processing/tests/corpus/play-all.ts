/**
 * Plays the corpus through one function: the router, or that of the kind that is named. In a
 * process of its own, so that its memory can be measured and its death be seen.
 *
 * node play-all.ts <folder of the corpus> <router | kind>
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kinds } from '../../src/domain/kinds.ts';
import type { Processor } from '../../src/domain/processor.ts';
import { memoryJobs } from '../processors/media/memory-jobs.ts';
import type { CorpusFile } from './corpus-file.ts';
import { playThrough, type Stage, serveFiles } from './stage.ts';

/** Loaded when needed: a function holds no other's decoder. */
const PROCESSORS: Readonly<Record<string, () => Promise<Processor>>> = {
  async image() {
    const { imageProcessor } = await import('../../src/domain/processors/image/processor.ts');
    return imageProcessor({ keepPlace: false });
  },
  async media() {
    const { mediaProcessor } = await import('../../src/domain/processors/media/processor.ts');
    const { ffmpegStudio } = await import('../../src/adapters/ffmpeg-studio.ts');
    const { FFMPEG_PATH: ffmpeg, FFPROBE_PATH: ffprobe } = process.env;
    const { jobs, tasks } = memoryJobs();
    return mediaProcessor({ jobs, tasks, studio: ffmpegStudio({ ffmpeg, ffprobe }) });
  },
  async document() {
    const { documentProcessorWith } = await import(
      '../../src/domain/processors/document/processor.ts'
    );
    const { EXTRACTION_LIMITS } = await import(
      '../../src/domain/processors/document/extraction.ts'
    );
    // As deployed, but for the time: what takes longer gets the same verdict sooner.
    return documentProcessorWith({ ...EXTRACTION_LIMITS, milliseconds: 10_000, mebibytes: 512 });
  },
  async log() {
    const { logProcessor } = await import('../../src/domain/processors/log/processor.ts');
    return logProcessor();
  },
  async table() {
    const { tableProcessor } = await import('../../src/domain/processors/table/processor.ts');
    return tableProcessor({ datasets: [] });
  },
};

type Listed = Omit<CorpusFile, 'bytes'> & { readonly file: string };

const [folder = '', role = 'router'] = process.argv.slice(2);
const listed: readonly Listed[] = JSON.parse(readFileSync(join(folder, 'corpus.json'), 'utf8'));
const kind = kinds.find(({ name }) => name === role);
const processor = await PROCESSORS[role]?.();
const stage: Stage = { kinds, ...(kind && processor && { worker: { kind, processor } }) };
const files = await serveFiles();

/** Files of these groups are many and alike: the good file is played after other groups' only. */
const ALIKE = /^(?:truncated|flipped|names|tiny):/;

let good: Listed | undefined;
for (const entry of listed) {
  // Tells whose doing it was, should the process end or hang.
  console.log(JSON.stringify({ begun: entry.name }));
  const began = performance.now();
  const ending = await play(entry);
  if (ending.status === 'elsewhere' && processor) continue;
  const milliseconds = Math.round(performance.now() - began);
  if (ending.status === (processor ? 'ready' : 'elsewhere')) good ??= entry;
  const next = good && !ALIKE.test(entry.name) ? (await play(good)).status : undefined;
  const mebibytes = Math.round(mostKibibytes() / 1024);
  console.log(JSON.stringify({ name: entry.name, ...ending, milliseconds, mebibytes, next }));
}
files.close();

function play({ key, declaredType, file }: Listed) {
  const bytes = readFileSync(join(folder, file));
  return playThrough({ key, declaredType, bytes }, stage, files.url);
}

/** `maxRSS` also counts what the parent held when it forked: the kernel's own mark does not. */
function mostKibibytes(): number {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS);
}
