import { imageProcessor } from '../../../src/domain/processors/image/processor.ts';
import { memoryBench, memoryUpload } from '../../model/bench.ts';

/** What the processor answers, and what it stored, by name and extension. */
export async function make(bytes: Uint8Array, mediaType: string, keepPlace = false) {
  const { bench, artefacts } = memoryBench();
  const upload = memoryUpload(bytes, { mediaType });
  return { answer: await imageProcessor({ keepPlace }).process(upload, bench), artefacts };
}

export async function processed(bytes: Uint8Array, mediaType: string, keepPlace = false) {
  const { answer, artefacts } = await make(bytes, mediaType, keepPlace);
  if (answer.kind !== 'processed') throw new Error(JSON.stringify(answer));
  const { image } = answer.facts;
  if (!image) throw new Error('There are no facts.');
  return { ...answer, image, artefacts };
}

/** The code of its rejection. */
export async function rejection(bytes: Uint8Array, mediaType: string): Promise<string> {
  const { answer, artefacts } = await make(bytes, mediaType);
  if (answer.kind !== 'rejected' || artefacts.size > 0) throw new Error('It is not rejected.');
  return answer.reason.code;
}
