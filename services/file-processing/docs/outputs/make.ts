import { datasets } from '../../datasets/index.ts';
import { ffmpegStudio } from '../../src/adapters/ffmpeg-studio.ts';
import type { Processed, Processor } from '../../src/domain/processor.ts';
import { documentProcessor } from '../../src/domain/processors/document/processor.ts';
import { imageProcessor } from '../../src/domain/processors/image/processor.ts';
import { logProcessor } from '../../src/domain/processors/log/processor.ts';
import { mediaProcessor } from '../../src/domain/processors/media/processor.ts';
import { tableProcessor } from '../../src/domain/processors/table/processor.ts';
import { serveFiles } from '../../tests/corpus/stage.ts';
import { memoryBench, memoryUpload } from '../../tests/model/bench.ts';
import { memoryJobs } from '../../tests/processors/media/memory-jobs.ts';
import type { Sample } from './samples.ts';

const { FFMPEG_PATH: ffmpeg, FFPROBE_PATH: ffprobe } = process.env;

/** As the handlers make them, but for the queue of long videos. */
export const PROCESSORS = {
  image: imageProcessor({ keepPlace: false }),
  media: mediaProcessor({ ...memoryJobs(), studio: ffmpegStudio({ ffmpeg, ffprobe }) }),
  document: documentProcessor,
  log: logProcessor(),
  table: tableProcessor({ datasets }),
};

export async function answerTo(processor: Processor, { bytes, ...named }: Sample) {
  const { bench, artefacts, collected } = memoryBench();
  const files = await serveFiles();
  try {
    const upload = memoryUpload(bytes, { ...named, url: async () => files.url(bytes) });
    return { answer: await processor.process(upload, bench), artefacts, collected };
  } finally {
    files.close();
  }
}

/** What the processor makes of a sample that it must not reject. */
export async function make(processor: Processor, sample: Sample) {
  const { answer, artefacts, collected } = await answerTo(processor, sample);
  if (answer.kind !== 'processed') throw new Error(`${sample.name}: ${JSON.stringify(answer)}`);
  const stored = (key: string): Uint8Array => {
    const bytes = artefacts.get(key) ?? collected.get(key);
    if (!bytes) throw new Error(`Of ${sample.name} there is no ${key}.`);
    return bytes;
  };
  const rendition = (name: string) => {
    const found = answer.renditions.find((each) => each.name === name);
    if (!found) throw new Error(`Of ${sample.name} there is no rendition ${name}.`);
    return found;
  };
  return { facts: answer.facts, stored, rendition, names: [...artefacts.keys()] };
}

export const reasonOf = (answer: Processed) => {
  if (answer.kind !== 'rejected') throw new Error('It is not rejected.');
  return answer.reason;
};
