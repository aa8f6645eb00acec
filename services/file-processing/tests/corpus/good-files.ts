import { gzipSync, zstdCompressSync } from 'node:zlib';
import sharp from 'sharp';
import { makeZip } from '../model/zip.ts';
import { makePdf } from './pdf.ts';
import { silentMp3, silentMp4 } from './sounds.ts';

export interface GoodFile {
  readonly format: string;
  readonly fileName: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
  /** Begin a part of the format: where it is worth being cut. */
  readonly markers: readonly string[];
}

/** One small file of every format, whole and valid. */
export async function goodFiles(): Promise<readonly GoodFile[]> {
  return [...(await pictures()), ...documents(), ...rows(), ...sounds()];
}

async function pictures(): Promise<GoodFile[]> {
  const background = { r: 200, g: 90, b: 30 };
  const picture = sharp({ create: { width: 96, height: 64, channels: 3, background } })
    .composite([{ input: Buffer.from(SVG), left: 8, top: 8 }])
    .withExif({ IFD0: { Make: 'Mill', Model: 'Race' } });
  const [jpeg, png, gif, webp, tiff, avif] = await Promise.all([
    picture.clone().jpeg().toBuffer(),
    picture.clone().png().toBuffer(),
    picture.clone().gif().toBuffer(),
    picture.clone().webp().toBuffer(),
    picture.clone().tiff({ compression: 'lzw' }).toBuffer(),
    picture.clone().avif({ effort: 0 }).toBuffer(),
  ]);
  return [
    good('JPEG', 'mill.jpg', 'image/jpeg', jpeg, ['\xff\xdb', '\xff\xc0', '\xff\xc4', '\xff\xda']),
    good('PNG', 'mill.png', 'image/png', png, ['IHDR', 'eXIf', 'IDAT', 'IEND']),
    good('GIF', 'mill.gif', 'image/gif', gif, ['!\xf9', ',\0', ';']),
    good('WebP', 'mill.webp', 'image/webp', webp, ['WEBP', 'VP8', 'EXIF']),
    good('TIFF', 'mill.tif', 'image/tiff', tiff, ['\0\x01\x03\0', '\x12\x01']),
    good('AVIF', 'mill.avif', 'image/avif', avif, ['ftyp', 'meta', 'iprp', 'mdat']),
    good('SVG', 'mill.svg', 'image/svg+xml', SVG, ['<rect', '</svg', '>']),
  ];
}

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="20" height="20" fill="#0af"/><text x="2" y="20">물레</text></svg>';

function documents(): GoodFile[] {
  const pdf = makePdf(['The mill turns while the water flows.']);
  return [
    good('PDF', 'mill.pdf', 'application/pdf', pdf, ['obj', 'stream', 'xref', 'trailer', '%%EOF']),
    good('DOCX', 'mill.docx', DOCX, makeDocx('The mill turns.'), ['PK\x01\x02', 'PK\x05\x06']),
    good('HTML', 'mill.html', 'text/html', HTML, ['<body', '</p>', '&amp']),
    good('Markdown', 'mill.md', 'text/markdown', MARKDOWN, ['```', '**', '](']),
    good('text', 'mill.txt', 'text/plain', 'The mill turns.\n물레방아가 돈다.\n', ['\ubb3c', '\n']),
  ];
}

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const HTML =
  '<!doctype html><html lang="en"><head><title>Mill</title></head><body><p>Water &amp; wheel turn.</p></body></html>\n';
const MARKDOWN =
  '# Mill\n\nThe **wheel** turns, see [water](https://example.org).\n\n```\nflow()\n```\n';

const WORD = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** @param text of its only paragraph, as XML */
export function makeDocx(text: string, more: Parameters<typeof makeZip>[0] = []): Buffer {
  const part = (name: string, xml: string) => ({
    name,
    bytes: Buffer.from(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>${xml}`),
  });
  return makeZip([
    part(
      '[Content_Types].xml',
      `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="${DOCX}.main+xml"/></Types>`,
    ),
    part(
      '_rels/.rels',
      `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="r1" Type="${OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>`,
    ),
    part(
      'word/document.xml',
      `<w:document xmlns:w="${WORD}"><w:body><w:p><w:r><w:t>${text}</w:t></w:r></w:p></w:body></w:document>`,
    ),
    ...more,
  ]);
}

export const LOG_LINE =
  '203.0.113.7 - - [24/Nov/2026:09:00:00 +0000] "GET /mill?id=1 HTTP/1.1" 200 512 "https://example.org/" "Mozilla/5.0"\n';
const LOG = Array.from({ length: 40 }, (_, at) => LOG_LINE.replace('id=1', `id=${at}`)).join('');
export const CSV = `day,mill,"turns, in thousands"\n${Array.from(
  { length: 40 },
  (_, at) => `2026-11-${String((at % 28) + 1).padStart(2, '0')},"물레 ""${at}""",${at}.5\n`,
).join('')}`;
const NDJSON = Array.from({ length: 40 }, (_, at) => `{"mill":"물레","turns":${at}}\n`).join('');
const JSON_ROWS = `[${NDJSON.trimEnd().replaceAll('\n', ',')}]`;

function rows(): GoodFile[] {
  const log = Buffer.from(LOG);
  return [
    good('CSV', 'turns.csv', 'text/csv', CSV, ['""', '\ubb3c', '\n2026-11-02']),
    good('TSV', 'turns.tsv', 'text/tab-separated-values', 'a\tb\tc\n1\t2\t3\n4\t5\t6\n', [
      '\t',
      '\n',
    ]),
    good('NDJSON', 'turns.ndjson', 'application/x-ndjson', NDJSON, ['"', '\ubb3c', '}']),
    good('JSON', 'turns.json', 'application/json', JSON_ROWS, ['{', '},', ']']),
    good('log', 'access.log', 'text/plain', LOG, ['[24', '"GET', '\n']),
    good('gzip', 'access.log.gz', 'application/gzip', gzipSync(log), ['\x1f\x8b']),
    good('zstd', 'turns.csv.zst', 'application/zstd', zstdCompressSync(Buffer.from(CSV)), [
      '(\xb5',
    ]),
  ];
}

function sounds(): GoodFile[] {
  return [
    good('MP4', 'mill.mp4', 'video/mp4', silentMp4(), ['moov', 'trak', 'stbl', 'stsd', 'mdat']),
    good('MP3', 'mill.mp3', 'audio/mpeg', silentMp3(), ['\xff\xfb']),
  ];
}

function good(
  format: string,
  fileName: string,
  mediaType: string,
  content: Buffer | string,
  markers: readonly string[],
): GoodFile {
  const isText = typeof content === 'string';
  return {
    ...{ format, fileName, mediaType },
    bytes: isText ? Buffer.from(content) : content,
    // A text is cut inside of its characters too, so markers are bytes in either case.
    markers: isText ? markers.map((marker) => Buffer.from(marker).toString('latin1')) : markers,
  };
}
