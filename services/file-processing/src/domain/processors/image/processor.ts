import { buffer } from 'node:stream/consumers';
import type { ImageFacts } from '@millrace/types';
import sharp from 'sharp';
import { type Artefact, type Processed, type Processor, rejected } from '../../processor.ts';
import { cameraFacts } from './camera-facts.ts';
import { dominantColour } from './dominant-colour.ts';
import { drawAnimation } from './draw-animation.ts';
import { drawRenditions } from './draw-renditions.ts';
import { FORMATS, HEIC } from './formats.ts';
import { LADDER } from './ladder.ts';
import { perceptualHash } from './perceptual-hash.ts';
import { DECODING } from './pixels.ts';
import { drawSvg } from './svg/draw-svg.ts';
import { MalformedSvg, UnsafeSvg } from './svg/unsafe-svg.ts';
import { corrupt, heicNotSupported, verdictOn } from './verdicts.ts';

export interface ImageOptions {
  /** Whether facts tell where a picture was taken. Never in what is published. */
  readonly keepPlace: boolean;
}

interface Made {
  readonly facts: ImageFacts & { readonly perceptualHash: string };
  readonly artefacts: readonly Artefact[];
}

const SVG = 'image/svg+xml';
const MAX_SVG_MIB = 5;
/** Of a vector drawing: as wide as the ladder's widest, and not much higher than a page. */
const SVG_RASTER = { maxWidth: LADDER[0].width, maxHeight: 4096, timeLimitMs: 20_000 };

export function imageProcessor({ keepPlace }: ImageOptions): Processor {
  return {
    async process(upload, workbench): Promise<Processed> {
      if (upload.mediaType === HEIC) return heicNotSupported;
      if (upload.mediaType === SVG && upload.size > MAX_SVG_MIB * 1024 ** 2) return svgTooLarge;
      const bytes = await buffer(upload.read());
      await workbench.progress(10);
      const made = await make(upload.mediaType, bytes, keepPlace, workbench.signal);
      if ('kind' in made) return made;
      await workbench.progress(80);
      const { artefacts, facts } = made;
      const renditions = await Promise.all(artefacts.map((each) => workbench.store(each)));
      const { perceptualHash } = facts;
      return {
        kind: 'processed',
        facts: { image: facts },
        renditions,
        findable: { perceptualHash },
      };
    },
  };
}

const svgTooLarge = rejected(
  'too_large',
  `The file is too large: SVG pictures may have at most ${MAX_SVG_MIB} MiB.`,
);

/** Nothing but the content is at work here, so that what fails is its fault unless the error says otherwise. */
async function make(
  mediaType: string,
  bytes: Uint8Array,
  keepPlace: boolean,
  signal: AbortSignal,
): Promise<Made | Processed> {
  try {
    if (mediaType === SVG) return await makeOfSvg(bytes, signal);
    return await makeOfPicture(FORMATS[mediaType] ?? mediaType, bytes, keepPlace, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof MalformedSvg) return corrupt;
    if (error instanceof UnsafeSvg) return unsafe(error);
    return verdictOn(error);
  }
}

const unsafe = ({ message }: UnsafeSvg) =>
  rejected(
    'unsafe_svg',
    `The drawing ${message}. Remove that, or export it as PNG, and upload it again.`,
  );

/** Facts are those of the drawing, pictures those of its raster. */
async function makeOfSvg(bytes: Uint8Array, signal: AbortSignal): Promise<Made> {
  const { png, width, height } = await drawSvg(bytes, SVG_RASTER, signal);
  const { facts, artefacts } = await makeOfPicture('svg', png, false, signal);
  return { facts: { ...facts, width, height }, artefacts };
}

async function makeOfPicture(
  format: string,
  bytes: Uint8Array,
  keepPlace: boolean,
  signal: AbortSignal,
): Promise<Made> {
  const metadata = await sharp(bytes, DECODING).metadata();
  const { autoOrient: size, pages: frames = 1, exif } = metadata;
  const { renditions, smallest, placeholder } = await drawRenditions(bytes, size.width, signal);
  signal.throwIfAborted();
  const animation = await drawAnimation(bytes, metadata, signal);
  const colour = dominantColour(smallest);
  return {
    facts: {
      format,
      ...size,
      ...(frames > 1 && { frames }),
      ...(colour && { dominantColour: colour }),
      placeholder,
      perceptualHash: perceptualHash(smallest),
      ...cameraFacts(exif, keepPlace),
    },
    artefacts: animation ? [...renditions, animation] : renditions,
  };
}
