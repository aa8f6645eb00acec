import { captionOf, heightOf, MUTED, sizeOf, sourceOf, titleOf } from './captions.ts';
import { answerTo, make, PROCESSORS, reasonOf } from './make.ts';
import { box, COLOURS, lines, PAD, picture, type Row, text } from './page.ts';
import {
  sampleAnimation,
  sampleDrawing,
  samplePhotograph,
  sampleUnsafeDrawing,
} from './samples.ts';

/** Of the ladder's pictures: what is larger in the page is so in truth. */
const SCALE = 1 / 8;
const LADDER = ['w1280', 'w640', 'w200'];
const COLUMNS = [PAD, 220, 386];

type Made = Awaited<ReturnType<typeof make>>;

/** The ladder side by side, standing on one line. */
async function ladder({ rendition, stored }: Made, bottom: number): Promise<string> {
  const columns = LADDER.map(async (name, at) => {
    const { width = 0, height = 0, key } = rendition(name);
    const [w, h] = [width * SCALE, height * SCALE];
    const x = COLUMNS[at] ?? 0;
    const drawn = await picture(stored(key), x, bottom - h, w, h);
    return drawn + lines(x, bottom + 36, captionOf(rendition(name)));
  });
  return (await Promise.all(columns)).join('');
}

/** What a page can show before the picture is there. */
async function impression({ facts, rendition }: Made, bottom: number): Promise<string> {
  const { dominantColour = '', placeholder = '' } = facts.image ?? {};
  const { width = 0, height = 0 } = rendition('w1280');
  const [w, h] = [width * SCALE, height * SCALE];
  const pixels = Buffer.from(placeholder.split(',')[1] ?? '', 'base64');
  return `${await picture(pixels, 550, bottom - h, w, h, { blur: 12 })}
    ${lines(550, bottom + 36, ['placeholder', `${placeholder.length} characters`, 'in the record'])}
    ${box(764, bottom - h, 188, 48, dominantColour, 8)}
    ${text(764, bottom - h + 84, dominantColour)}`;
}

export async function photographRow(): Promise<Row> {
  const sample = await samplePhotograph();
  const made = await make(PROCESSORS.image, sample);
  const { camera, takenAt = '' } = made.facts.image ?? {};
  const jpeg = made.rendition('w640-jpeg');
  const bottom = PAD + 240;
  const known = [`${camera?.make} ${camera?.model}`, ...takenAt.split('T')];
  return {
    height: 390,
    before: {
      content: `${titleOf('Photograph', sample)}
        ${await picture(sample.bytes, PAD, 112, 330, 220, { isTurned: false })}
        ${text(PAD, 368, '2400 × 1600, to be turned (EXIF 6)', MUTED)}`,
    },
    after: {
      content: `${await ladder(made, bottom)}
        ${await impression(made, bottom)}
        ${lines(764, PAD + 120, known)}
        ${lines(764, bottom + 36, ['and for mail', jpeg.key, sizeOf(jpeg.size)])}`,
    },
  };
}

export async function animationRow(): Promise<Row> {
  const sample = await sampleAnimation();
  const { facts, rendition, stored } = await make(PROCESSORS.image, sample);
  const animated = rendition('animated');
  const shown = [0, 0.25, 0.5, 0.75, 1].map(async (share, at) => {
    const page = Math.round(share * ((facts.image?.frames ?? 1) - 1));
    return picture(stored(animated.key), PAD + at * 188, PAD, 174, 116, { page });
  });
  return {
    height: 204,
    before: {
      content: `${titleOf('Animation', sample)}
        ${text(PAD, 120, `480 × 320, ${facts.image?.frames} frames`, MUTED)}
        ${await picture(sample.bytes, 276, 76, 166, 110)}`,
    },
    after: {
      content: `${(await Promise.all(shown)).join('')}
        ${text(PAD, 182, `${captionOf(animated).join(', ')}; of the first frame ${rendition('w200').key}`)}`,
    },
  };
}

export async function drawingRow(): Promise<Row> {
  const sample = sampleDrawing();
  const made = await make(PROCESSORS.image, sample);
  const bottom = PAD + 107;
  return {
    height: heightOf(4),
    before: sourceOf('Drawing', sample, 4),
    after: {
      content: `${await ladder(made, bottom)}
        ${await impression(made, bottom)}`,
    },
  };
}

export async function verdictRow(): Promise<Row> {
  const sample = sampleUnsafeDrawing();
  const { code, message } = reasonOf((await answerTo(PROCESSORS.image, sample)).answer);
  const words = message.match(/.{1,60}(?:\s|$)/g) ?? [];
  return {
    height: heightOf(4),
    before: sourceOf('Whatever is not safe', sample, 4),
    after: {
      content: `${text(PAD, 62, code, { isCode: true, isBold: true, colour: COLOURS.red, size: 26 })}
        ${lines(PAD, 110, words)}
        ${text(PAD, 226, 'quarantine/…/original', MUTED)}`,
    },
  };
}
