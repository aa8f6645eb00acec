import sharp from 'sharp';
import { LADDER } from '../../services/file-processing/src/domain/processors/image/ladder.ts';
import { imageProcessor } from '../../services/file-processing/src/domain/processors/image/processor.ts';
import { memoryBench, memoryUpload } from '../../services/file-processing/tests/model/bench.ts';

/** Makes every rendition of the ladder of one JPEG. Resolves with how many. */
export type Rival = (jpeg: Buffer) => Promise<number>;

const processor = imageProcessor({ keepPlace: false });

/** With all that is learnt of a picture: facts, hash, colour, placeholder. */
export const ours: Rival = async (jpeg) => {
  const { bench, artefacts } = memoryBench();
  const upload = memoryUpload(jpeg, { mediaType: 'image/jpeg' });
  const { kind } = await processor.process(upload, bench);
  if (kind !== 'processed') throw new Error('The picture was not processed.');
  return artefacts.size;
};

/** What sharp alone needs for the same pictures: decoded once, each of the one before, nothing learnt. */
export const rawCascade: Rival = async (jpeg) => {
  let source = sharp(jpeg).autoOrient().toColourspace('srgb');
  const encoded: Promise<Buffer>[] = [];
  for (const { width, formats } of LADDER) {
    const { data, info } = await source
      .resize({ width })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const raw = { width: info.width, height: info.height, channels: info.channels };
    const picture = () => sharp(data, { raw });
    encoded.push(...formats.map((format) => format.encode(picture()).toBuffer()));
    source = picture();
  }
  return (await Promise.all(encoded)).length;
};

/** The usual way: a pipeline for each rendition, each of which decodes the upload again. */
export const decodePerSize: Rival = async (jpeg) => {
  let made = 0;
  for (const { width, formats } of LADDER) {
    for (const format of formats) {
      const small = sharp(jpeg).autoOrient().toColourspace('srgb').resize({ width });
      await format.encode(small).toBuffer();
      made += 1;
    }
  }
  return made;
};
