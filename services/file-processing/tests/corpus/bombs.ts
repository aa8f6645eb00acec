import { crc32, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { makeZip } from '../model/zip.ts';
import { type CorpusFile, corpusFile } from './corpus-file.ts';
import { CSV, LOG_LINE, makeDocx } from './good-files.ts';
import { makePdf, pdfOf } from './pdf.ts';
import { box, silentMp3, u32 } from './sounds.ts';

/** Small files that ask for far more memory or time than they are worth. */
export function bombs(): CorpusFile[] {
  return [...compressed(), ...pixels(), ...drawings(), ...documents(), ...media()];
}

const MIB = 1024 ** 2;

function compressed(): CorpusFile[] {
  const rows = Buffer.from(CSV + '2026-11-01,mill,1\n'.repeat((16 * MIB) / 18));
  const lines = Buffer.alloc(16 * MIB, LOG_LINE);
  const row = '2026-11-01,mill,1\n';
  const many = (part: Buffer, times: number) => Buffer.concat(Array<Buffer>(times).fill(part));
  const zeros = Buffer.alloc(16 * MIB);
  const file = (name: string, fileName: string, bytes: Uint8Array, verdict?: Verdict) =>
    corpusFile('compressed', name, fileName, bytes, verdict ?? 'either', 'application/gzip');
  return [
    file('8 GiB of rows in zstd frames', 'a.csv.zst', many(zstdCompressSync(rows), 512), BOMB),
    file('8 GiB of a log in zstd frames', 'a.log.zst', many(zstdCompressSync(lines), 512), BOMB),
    file('2 GiB of a log in gzip members', 'a.log.gz', many(gzipSync(lines), 128), BOMB),
    file('1 GiB of zeros in gzip members', 'b.csv.gz', many(gzipSync(zeros), 64), 'rejected'),
    file('100,000 empty gzip members', 'c.csv.gz', many(gzipSync(''), 100_000)),
    file('100,000 members of one row', 'd.csv.gz', many(gzipSync(row), 100_000)),
    file('gzip in gzip in gzip', 'e.csv.gz', gzipSync(gzipSync(gzipSync(CSV))), 'rejected'),
    file('zstd that asks for a window of gigabytes', 'f.csv.zst', ZSTD_WINDOW, 'rejected'),
    file(
      'gzip with rubbish behind it',
      'g.csv.gz',
      Buffer.concat([gzipSync(CSV), Buffer.from('rubbish')]),
    ),
    file(
      'gzip with zeros behind it',
      'h.csv.gz',
      Buffer.concat([gzipSync(CSV), Buffer.alloc(512)]),
    ),
    file('gzip with a wrong checksum', 'i.csv.gz', wrongChecksum(gzipSync(CSV)), 'rejected'),
    file('gzip of nothing', 'j.csv.gz', gzipSync('')),
    file('gzip of a picture', 'k.png.gz', gzipSync(png(1, 1))),
  ];
}

type Verdict = Parameters<typeof corpusFile>[4];
const BOMB = { rejected: 'decompression_bomb' };

/** Magic number, a descriptor without content size, and the window descriptor of 2^41 bytes. */
const ZSTD_WINDOW = Buffer.from('28b52ffd00f8010000', 'hex');

function wrongChecksum(gzip: Buffer): Buffer {
  gzip[gzip.length - 8] = (gzip.at(-8) ?? 0) ^ 1;
  return gzip;
}

function pixels(): CorpusFile[] {
  const file = (
    name: string,
    extension: string,
    bytes: Uint8Array,
    verdict: Verdict = 'rejected',
  ) => corpusFile('pixels', name, `${name}.${extension}`, bytes, verdict, `image/${extension}`);
  const zeros = deflateSync(Buffer.alloc(64 * MIB));
  const side = u32(0x7fffffff);
  return [
    file('a PNG of 30,000 pixels square', 'png', png(30_000, 30_000), { rejected: 'too_large' }),
    file('a PNG of 2^31 pixels square', 'png', png(0x7fffffff, 0x7fffffff)),
    file('a PNG of no pixels', 'png', png(0, 0)),
    file('a PNG with 64 MiB too many', 'png', png(1, 1, [], zeros), 'either'),
    file(
      'a PNG with a text of 64 MiB',
      'png',
      png(1, 1, [chunk('zTXt', text('Comment\0\0'), zeros)]),
      'either',
    ),
    file(
      'a PNG with a profile of 64 MiB',
      'png',
      png(1, 1, [chunk('iCCP', text('profile\0\0'), zeros)]),
      'either',
    ),
    file(
      'a PNG with 10,000 chunks',
      'png',
      png(1, 1, Array<Buffer>(10_000).fill(chunk('tEXt', text('a\0b')))),
      'either',
    ),
    file('a GIF of 65,535 pixels square', 'gif', gif(0xffff, 0xffff)),
    file('a GIF of 20,000 frames', 'gif', gif(16, 16, 20_000), 'either'),
    file(
      'a TIFF that points to itself',
      'tiff',
      Buffer.from('49492a00080000000000080000000000', 'hex'),
    ),
    file('a TIFF of 2^31 pixels square', 'tiff', tiff(0x7fffffff)),
    file('a JPEG of 65,500 pixels square', 'jpeg', JPEG_HEADER),
    file('a WebP of 16,384 pixels square', 'webp', webp(16_383)),
    file('an AVIF of 2^31 pixels square', 'avif', Buffer.concat([AVIF, box('meta', side, side)])),
  ];
}

const AVIF = box('ftyp', 'avif', u32(0), 'avifmif1');
const JPEG_HEADER = Buffer.from(
  'ffd8ffe000104a46494600010100000100010000ffc00011 08ffdcffdc03012200021101031101ffda000c03010002110311003f00'.replace(
    ' ',
    '',
  ),
  'hex',
);

function png(width: number, height: number, chunks: readonly Buffer[] = [], data?: Buffer): Buffer {
  const isHuge = width > 100_000;
  const rowBytes = 1 + Math.ceil(width / 8);
  const pixelData = data ?? deflateSync(Buffer.alloc(isHuge ? 100 : height * rowBytes));
  // One bit per pixel, so that many pixels are few bytes.
  const header = Buffer.concat([u32(width), u32(height), Buffer.from([1, 0, 0, 0, 0])]);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    ...chunks,
    chunk('IDAT', pixelData),
    chunk('IEND'),
  ]);
}

function chunk(type: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from(type), ...content]);
  return Buffer.concat([u32(body.length - 4), body, u32(crc32(body))]);
}

function text(content: string): Buffer {
  return Buffer.from(content, 'latin1');
}

function gif(width: number, height: number, frames = 1): Buffer {
  const u16 = (value: number) => [value & 0xff, value >> 8];
  const screen = Buffer.from([
    ...text('GIF89a'),
    ...u16(width),
    ...u16(height),
    0x80,
    0,
    0,
    0,
    0,
    0,
    255,
    255,
    255,
  ]);
  const side = frames === 1 ? [...u16(width), ...u16(height)] : [1, 0, 1, 0];
  const frame = Buffer.concat([
    Buffer.from('21f904000a0000002c00000000', 'hex'),
    Buffer.from(side),
    Buffer.from('000202440100', 'hex'),
  ]);
  return Buffer.concat([screen, ...Array<Buffer>(frames).fill(frame), Buffer.from(';')]);
}

function tiff(side: number): Buffer {
  const entries = [
    [256, side],
    [257, side],
    [258, 8],
    [259, 1],
    [262, 1],
    [273, 8],
    [277, 1],
    [278, side],
    [279, 100],
  ];
  const directory = Buffer.alloc(2 + entries.length * 12 + 4);
  directory.writeUInt16LE(entries.length);
  for (const [index, [tag = 0, value = 0]] of entries.entries()) {
    directory.writeUInt16LE(tag, 2 + index * 12);
    directory.writeUInt16LE(4, 4 + index * 12);
    directory.writeUInt32LE(1, 6 + index * 12);
    directory.writeUInt32LE(value, 10 + index * 12);
  }
  return Buffer.concat([Buffer.from('49492a0008000000', 'hex'), directory]);
}

/** The header of a lossless picture and nothing of its pixels. */
function webp(last: number): Buffer {
  const body = Buffer.alloc(10);
  body[0] = 0x2f;
  body.writeUInt32LE((last | (last << 14)) >>> 0, 1);
  const data = Buffer.concat([text('VP8L'), Buffer.from([10, 0, 0, 0]), body]);
  return Buffer.concat([text('RIFF'), Buffer.from([data.length + 4, 0, 0, 0]), text('WEBP'), data]);
}

function drawings(): CorpusFile[] {
  const file = (name: string, content: string, verdict: Verdict = 'rejected') =>
    corpusFile('svg', name, `${name}.svg`, content, verdict, 'image/svg+xml');
  const svg = (content: string, attributes = 'width="40" height="40"') =>
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${content}</svg>`;
  const laughs = Array.from(
    { length: 10 },
    (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`,
  ).join('');
  const uses = Array.from(
    { length: 12 },
    (_, at) => `<g id="u${at + 1}">${`<use href="#u${at}"/>`.repeat(10)}</g>`,
  ).join('');
  const rect = '<rect width="9" height="9"/>';
  return [
    file(
      'a billion laughs',
      `<!DOCTYPE svg [<!ENTITY l0 "mill">${laughs}]>${svg('<text>&l10;</text>')}`,
    ),
    file(
      'an external entity',
      `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>${svg('<text>&x;</text>')}`,
    ),
    file('10^12 uses', svg(`<defs><g id="u0">${rect}</g>${uses}</defs><use href="#u12"/>`)),
    file('a use of itself', svg('<g id="a"><use href="#a"/></g>'), 'either'),
    file('10^9 pixels', svg(rect, 'width="1000000000" height="1000000000"'), 'either'),
    file('no size', svg(rect, 'width="0" height="-5" viewBox="0 0 0 0"'), 'either'),
    file(
      '100,000 groups in each other',
      svg('<g>'.repeat(100_000) + '</g>'.repeat(100_000)),
      'either',
    ),
    file(
      '100,000 groups never closed',
      `<svg xmlns="http://www.w3.org/2000/svg">${'<g>'.repeat(100_000)}`,
    ),
    file('a picture of the host', svg('<image href="file:///etc/passwd" width="9" height="9"/>')),
    file(
      'a picture of the network',
      svg('<image xlink:href="http://169.254.169.254/latest/" width="9" height="9"/>'),
    ),
    file('a script', svg('<script>while(1);</script>')),
    file('a script in an attribute', svg('<rect width="9" height="9" onload="f()"/>'), 'either'),
    file(
      'HTML inside',
      svg(
        '<foreignObject width="9" height="9"><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>',
      ),
    ),
    file(
      'a style that loads',
      svg(`<style>@import url("http://example.org/a.css");</style>${rect}`),
    ),
    file(
      'a stylesheet',
      `<?xml-stylesheet href="http://example.org/a.css"?>${svg(rect)}`,
      'either',
    ),
    file(
      'a filter of great radius',
      svg(
        `<filter id="f"><feGaussianBlur stdDeviation="100000"/></filter><rect width="40" height="40" filter="url(#f)"/>`,
      ),
      'either',
    ),
    file(
      'filters in a chain',
      svg(
        `<filter id="f" x="-9999" y="-9999" width="99999" height="99999">${'<feTurbulence numOctaves="99" baseFrequency="9"/>'.repeat(200)}</filter><rect width="40" height="40" filter="url(#f)"/>`,
      ),
      'either',
    ),
    file(
      'patterns in patterns',
      svg(
        `${Array.from({ length: 9 }, (_, at) => `<pattern id="p${at + 1}" width=".01" height=".01"><rect width="99" height="99" fill="url(#p${at})"/></pattern>`).join('')}<rect width="40" height="40" fill="url(#p9)"/>`,
      ),
      'either',
    ),
    file(
      'a path of a million points',
      svg(`<path d="M0 0${'l1 1'.repeat(1_000_000)}"/>`),
      'either',
    ),
    file(
      'a million dashes',
      svg('<path d="M0 0h1000000" stroke="red" stroke-dasharray="0.00001"/>'),
      'either',
    ),
  ];
}

function documents(): CorpusFile[] {
  const docx = (name: string, bytes: Uint8Array, verdict: Verdict = 'rejected') =>
    corpusFile('docx', name, `${name}.docx`, bytes, verdict);
  const pdf = (name: string, bytes: Uint8Array, verdict: Verdict = 'either') =>
    corpusFile('pdf', name, `${name}.pdf`, bytes, verdict, 'application/pdf');
  const huge = Buffer.alloc(64 * MIB, ' ');
  const deflated = deflateSync(huge).toString('latin1');
  const catalog = '<< /Type /Catalog /Pages 2 0 R >>';
  const pages = '<< /Type /Pages /Count 1 /Kids [3 0 R] >>';
  const page = (more = '') => `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] ${more} >>`;
  const stream = (content: string, more = '') =>
    `<< /Length ${content.length} ${more} >>\nstream\n${content}\nendstream`;
  const deep = 100_000;
  return [
    docx(
      'a part of 64 MiB of blanks',
      makeDocx('mill', [{ name: 'word/blank.xml', bytes: huge }]),
      { rejected: 'zip_bomb' },
    ),
    docx(
      'a part that declares 4 GiB',
      makeDocx('mill', [{ name: 'a', declares: { inflated: 0xffffffff } }]),
      { rejected: 'zip_bomb' },
    ),
    docx('a document that declares one byte', lyingDocx(huge)),
    docx(
      'parts that share their bytes',
      makeDocx('mill', [{ name: 'a', declares: { localHeader: 0 } }]),
      { rejected: 'zip_bomb' },
    ),
    docx(
      '20,000 parts',
      makeDocx(
        'mill',
        Array.from({ length: 20_000 }, (_, at) => ({ name: `${at}` })),
      ),
      { rejected: 'zip_bomb' },
    ),
    docx('a part that leads out', makeDocx('mill', [{ name: '../../etc/cron.d/mill' }]), {
      rejected: 'zip_slip',
    }),
    docx('an encrypted part', makeDocx('mill', [{ name: 'a', declares: { flags: 1 } }])),
    docx('100,000 paragraphs in each other', makeDocx('<w:p>'.repeat(deep)), 'either'),
    docx(
      '100,000 boxes in each other',
      makeDocx(`x</w:t></w:r>${'<w:sdt>'.repeat(deep)}${'</w:sdt>'.repeat(deep)}<w:r><w:t>y`),
      'either',
    ),
    docx('an entity', makeDocx('&mill;'), 'either'),
    docx(
      'no document',
      makeZip([
        { name: '[Content_Types].xml', bytes: Buffer.from('<Types/>') },
        { name: 'word/a' },
      ]),
    ),
    pdf(
      '100,000 pages that are one',
      pdfOf([
        catalog,
        `<< /Type /Pages /Count ${deep} /Kids [${'3 0 R '.repeat(deep)}] >>`,
        page(),
      ]),
    ),
    pdf(
      'a count of pages that is not true',
      pdfOf([catalog, '<< /Type /Pages /Count 2147483647 /Kids [3 0 R] >>', page()]),
    ),
    pdf(
      'pages that are their own parents',
      pdfOf([catalog, '<< /Type /Pages /Count 1 /Kids [2 0 R 2 0 R] >>']),
    ),
    pdf(
      'a form that draws itself',
      pdfOf([
        catalog,
        pages,
        page('/Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >>'),
        stream('/X Do'),
        stream(
          '/X Do',
          '/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>',
        ),
      ]),
    ),
    pdf(
      '64 MiB of blanks to draw',
      pdfOf([catalog, pages, page('/Contents 4 0 R'), stream(deflated, '/Filter /FlateDecode')]),
    ),
    pdf(
      'filters upon filters',
      pdfOf([
        catalog,
        pages,
        page('/Contents 4 0 R'),
        stream(deflated, `/Filter [${'/FlateDecode '.repeat(1000)}]`),
      ]),
    ),
    pdf(
      '100,000 arrays in each other',
      pdfOf([
        `<< /Type /Catalog /Pages 2 0 R /A ${'['.repeat(deep)}${']'.repeat(deep)} >>`,
        pages,
        page(),
      ]),
    ),
    pdf('a table of references that goes in circles', pdfOf([catalog, pages, page()], '/Prev 15 ')),
    pdf(
      'an encrypted document',
      pdfOf(
        [catalog, pages, page()],
        `/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <${'41'.repeat(32)}> /U <${'42'.repeat(32)}> >> /ID [<41><41>] `,
      ),
      'rejected',
    ),
    pdf(
      'a script and a program to launch',
      pdfOf([
        '<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (while\\(1\\);) >> /AA << /WC << /S /Launch /F (calc.exe) >> >> >>',
        pages,
        page(),
      ]),
    ),
    pdf('no pages', pdfOf([catalog, '<< /Type /Pages /Count 0 /Kids [] >>'])),
    pdf('nothing but the header', Buffer.from('%PDF-1.7\n'), 'rejected'),
    pdf(
      'a million numbers',
      pdfOf([catalog, pages, page('/Contents 4 0 R'), stream('1 '.repeat(1_000_000))]),
    ),
    pdf(
      'rubbish in front',
      Buffer.concat([Buffer.from('rubbish\n'.repeat(20)), makePdf(['mill'])]),
    ),
  ];
}

/** The directory says one byte; inflating it gives 64 MiB. */
function lyingDocx(huge: Buffer): Buffer {
  const document = { name: 'word/document.xml', bytes: huge, declares: { inflated: 1 } };
  return makeZip([{ name: '[Content_Types].xml', bytes: Buffer.from('<Types/>') }, document]);
}

function media(): CorpusFile[] {
  const mp4 = (name: string, bytes: Uint8Array, verdict: Verdict = 'rejected') =>
    corpusFile('media', name, `${name}.mp4`, bytes, verdict, 'video/mp4');
  const type = box('ftyp', 'isom', u32(512), 'isomiso2mp41');
  const file = (...boxes: readonly Buffer[]) => Buffer.concat([type, ...boxes]);
  const nested = (depth: number) => {
    let inner: Buffer = Buffer.alloc(0);
    for (let level = 0; level < depth; level += 1) inner = box('trak', inner);
    return inner;
  };
  return [
    mp4('nothing but its type', type),
    mp4('boxes of no size', file(Buffer.alloc(1000))),
    mp4(
      'a box of 2^63 bytes',
      file(Buffer.concat([u32(1), text('moov'), u32(0x7fffffff), u32(0xffffffff)])),
    ),
    mp4('2,000 tracks in each other', file(box('moov', nested(2000)))),
    mp4(
      'a table of 2^32 samples',
      file(
        box(
          'moov',
          box(
            'trak',
            box('mdia', box('minf', box('stbl', box('stsz', u32(0), u32(0), u32(0xffffffff))))),
          ),
        ),
      ),
    ),
    mp4(
      'a list of other files',
      Buffer.from("ffconcat version 1.0\nfile '/etc/passwd'\n"),
      'either',
    ),
    mp4(
      'a playlist of other files',
      Buffer.from('#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n'),
      'either',
    ),
    corpusFile(
      'media',
      'a picture of 256 MiB in an MP3',
      'a.mp3',
      Buffer.concat([Buffer.from('4944330300000f7f7f7f', 'hex'), silentMp3()]),
      'either',
      'audio/mpeg',
    ),
    corpusFile(
      'media',
      'a WAV of 4 GiB without a sample',
      'a.wav',
      Buffer.from(
        '52494646ffffffff57415645666d7420100000000100020044ac000010b102000400100064617461ffffffff',
        'hex',
      ),
      'either',
      'audio/wav',
    ),
    corpusFile(
      'media',
      'a Matroska file of unknown sizes',
      'a.mkv',
      Buffer.from(
        `1a45dfa3a34286810142f7810142f2810442f381084282886d6174726f736b614287810442858102${'18538067'}01ffffffffffffff`,
        'hex',
      ),
      'rejected',
      'video/x-matroska',
    ),
  ];
}
