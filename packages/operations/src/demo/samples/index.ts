import { samplePictures } from './pictures.ts';
import type { SampleFile } from './sample-file.ts';
import { sampleTexts } from './texts.ts';
import { sampleVideo } from './video.ts';

/** One of each kind and some that are rejected; made here, so that they belong to nobody. */
export async function sampleFiles(): Promise<SampleFile[]> {
  return [await sampleVideo(), ...(await samplePictures()), ...sampleTexts()];
}
