import { bombs } from './bombs.ts';
import { type CorpusFile, corpusFile } from './corpus-file.ts';
import { flipped, truncated } from './damaged.ts';
import { disguises } from './disguises.ts';
import { goodFiles } from './good-files.ts';
import { oddNames } from './names.ts';
import { oddTexts } from './odd-texts.ts';

/** Hundreds of hostile and odd files, the same in every run; first one good file of every format. */
export async function corpus(): Promise<readonly CorpusFile[]> {
  const good = await goodFiles();
  return [
    ...good.map(({ format, fileName, bytes, mediaType }) =>
      corpusFile('good', format, fileName, bytes, 'ready', mediaType),
    ),
    ...tiny(),
    ...good.flatMap(truncated),
    ...good.flatMap(flipped),
    ...oddNames(),
    ...oddTexts(),
    ...disguises(new Map(good.map((file) => [file.format, file]))),
    ...bombs(),
  ];
}

/** Nothing, and each byte that begins something. */
function tiny(): CorpusFile[] {
  const bytes = Buffer.from('00090a0d1f2022282c3c42495b50527b7f8089c0effeff', 'hex');
  return [
    corpusFile('tiny', 'empty', 'empty.csv', '', { rejected: 'empty_file' }, 'text/csv'),
    ...Array.from(bytes, (byte) => {
      const hex = byte.toString(16).padStart(2, '0');
      return corpusFile('tiny', `one byte, ${hex}`, hex, Buffer.from([byte]));
    }),
  ];
}
