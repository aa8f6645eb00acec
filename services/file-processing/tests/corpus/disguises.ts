import { gzipSync } from 'node:zlib';
import { EICAR } from '../model/clamd.ts';
import { makeZip } from '../model/zip.ts';
import { type CorpusFile, corpusFile } from './corpus-file.ts';
import { type GoodFile, makeDocx } from './good-files.ts';

/** Files that are not what they are called, or more than that. */
export function disguises(good: ReadonlyMap<string, GoodFile>): CorpusFile[] {
  const bytesOf = (format: string) => good.get(format)?.bytes ?? Buffer.alloc(0);
  return [
    ...wrongNames(bytesOf),
    ...polyglots(bytesOf),
    ...programs(),
    ...archives(),
    ...macros(),
    ...malware(),
  ];
}

type BytesOf = (format: string) => Buffer;
const PROGRAM = { rejected: 'executable_file' };
const POLYGLOT = { rejected: 'polyglot_file' };
const MISMATCH = { rejected: 'type_mismatch' };
const UNSUPPORTED = { rejected: 'unsupported_type' };

function wrongNames(bytesOf: BytesOf): CorpusFile[] {
  return [
    corpusFile('wrong name', 'a PNG called JPEG', 'png.jpg', bytesOf('PNG'), 'ready', 'image/jpeg'),
    corpusFile(
      'wrong name',
      'a picture called CSV',
      'picture.csv',
      bytesOf('JPEG'),
      'ready',
      'text/csv',
    ),
    corpusFile(
      'wrong name',
      'a CSV called PDF',
      'rows.pdf',
      bytesOf('CSV'),
      MISMATCH,
      'application/pdf',
    ),
    corpusFile('wrong name', 'a PDF called text', 'pdf.txt', bytesOf('PDF'), 'ready', 'text/plain'),
    corpusFile(
      'wrong name',
      'a page called PNG',
      'page.png',
      bytesOf('HTML'),
      MISMATCH,
      'image/png',
    ),
    corpusFile(
      'wrong name',
      'a log called SVG',
      'log.svg',
      bytesOf('log'),
      MISMATCH,
      'image/svg+xml',
    ),
    corpusFile(
      'wrong name',
      'gzip that is not called so',
      'log.txt',
      bytesOf('gzip'),
      'ready',
      'text/plain',
    ),
    corpusFile(
      'wrong name',
      'rows that are called gzip',
      'rows.csv.gz',
      bytesOf('CSV'),
      'ready',
      'application/gzip',
    ),
    corpusFile(
      'wrong name',
      'a sound called DOCX',
      'sound.docx',
      bytesOf('MP3'),
      'ready',
      'audio/mpeg',
    ),
    corpusFile(
      'wrong name',
      'a type that is none',
      'a.csv',
      bytesOf('CSV'),
      MISMATCH,
      'x/"><script>',
    ),
  ];
}

function polyglots(bytesOf: BytesOf): CorpusFile[] {
  const zip = makeZip([{ name: 'Mill.class', bytes: Buffer.from('mill') }]);
  const join = (...parts: readonly (Buffer | string)[]) =>
    Buffer.concat(
      parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)),
    );
  /** With a comment behind the header of the screen, 13 bytes and its colours. */
  const gif = bytesOf('GIF');
  const colours = 13 + 3 * 2 ** (((gif[10] ?? 0) & 7) + 1);
  const commented = (comment: string) =>
    join(
      gif.subarray(0, colours),
      '!\xfe',
      String.fromCharCode(comment.length),
      comment,
      '\0',
      gif.subarray(colours),
    );
  const file = (
    name: string,
    fileName: string,
    bytes: Buffer,
    verdict: Parameters<typeof corpusFile>[4] = POLYGLOT,
  ) => corpusFile('polyglot', name, fileName, bytes, verdict);
  return [
    file('a GIF that is a JAR', 'a.gif', join(gif, zip)),
    file('a PNG that is a ZIP', 'a.png', join(bytesOf('PNG'), zip)),
    file('a PDF that is a ZIP', 'a.pdf', join(bytesOf('PDF'), zip)),
    file('rows that are a ZIP', 'a.csv', join(bytesOf('CSV'), zip)),
    file('an MP4 that is a ZIP', 'a.mp4', join(bytesOf('MP4'), zip)),
    file('gzip that is a ZIP', 'a.gz', join(gzipSync(bytesOf('CSV')), zip)),
    file('a GIF that is PHP', 'php.gif', commented('<?php system($_GET[0]); ?>')),
    file('a GIF that is a page', 'page.gif', commented('<html><script>alert(1)</script>')),
    file('a GIF that is a PDF', 'pdf.gif', commented('%PDF-1.7')),
    file('a GIF that is JavaScript', 'js.gif', join('GIF89a/*', gif.subarray(8), '*/=1;alert(1)')),
    file('a JPEG that is RAR', 'a.jpg', join(bytesOf('JPEG'), 'Rar!\x1a\x07\x01\0rest')),
    file(
      'a picture with a video behind it',
      'motion.jpg',
      join(bytesOf('JPEG'), bytesOf('MP4')),
      'ready',
    ),
    file(
      'a picture with rubbish behind it',
      'rubbish.png',
      join(bytesOf('PNG'), Buffer.alloc(5000, 7)),
      'ready',
    ),
    file(
      'a picture with another behind it',
      'two.jpg',
      join(bytesOf('JPEG'), bytesOf('JPEG')),
      'ready',
    ),
  ];
}

function programs(): CorpusFile[] {
  const program = (name: string, fileName: string, start: string) =>
    corpusFile('program', name, fileName, Buffer.from(start.padEnd(600, '\0'), 'latin1'), PROGRAM);
  return [
    program('of Windows', 'setup.exe', 'MZ\x90\0\x03'),
    program('of Windows, called a picture', 'cat.jpg', 'MZ\x90\0\x03'),
    program('of Linux', 'mill', '\x7fELF\x02\x01\x01'),
    program('of macOS', 'mill.dylib', '\xcf\xfa\xed\xfe\x07\0\0\x01'),
    program('of Java', 'Mill.class', '\xca\xfe\xba\xbe\0\0\0\x41'),
    program('of the web', 'mill.wasm', '\0asm\x01\0\0\0'),
    program('of Android', 'mill.dex', 'dex\n035\0'),
    program('that a shortcut starts', 'mill.lnk', 'L\0\0\0\x01\x14\x02\0'),
    corpusFile(
      'program',
      'in gzip',
      'mill.gz',
      gzipSync(Buffer.from('\x7fELF\x02\x01\x01'.padEnd(600, '\0'))),
      PROGRAM,
    ),
    corpusFile(
      'program',
      'that is a script, and so a text',
      'mill.sh',
      '#!/bin/sh\nrm -rf /\n',
      'either',
    ),
  ];
}

function archives(): CorpusFile[] {
  const hex = (name: string, fileName: string, start: string) =>
    corpusFile(
      'archive',
      name,
      fileName,
      Buffer.concat([Buffer.from(start, 'hex'), Buffer.alloc(600, 1)]),
      UNSUPPORTED,
    );
  return [
    corpusFile(
      'archive',
      'ZIP',
      'a.zip',
      makeZip([{ name: 'a.txt', bytes: Buffer.from('a') }]),
      UNSUPPORTED,
      'application/zip',
    ),
    corpusFile('archive', 'ZIP of nothing', 'b.zip', makeZip([]), 'rejected', 'application/zip'),
    hex('7z', 'a.7z', '377abcaf271c0004'),
    hex('RAR', 'a.rar', '526172211a070100'),
    hex('xz', 'a.xz', 'fd377a585a000004'),
    hex('bzip2', 'a.bz2', '425a683931415926'),
    hex('SQLite', 'a.sqlite', '53514c69746520666f726d6174203300'),
  ];
}

function macros(): CorpusFile[] {
  const withMacros = makeDocx('mill', [
    { name: 'word/vbaProject.bin', bytes: Buffer.from('macro') },
  ]);
  const refused = { rejected: 'macros_not_allowed' };
  const compound = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(2000)]);
  return [
    corpusFile('macros', 'in a DOCX', 'macros.docx', withMacros, refused),
    corpusFile('macros', 'in a DOCM', 'macros.docm', withMacros, refused),
    corpusFile(
      'macros',
      'maybe, in an old Word file',
      'old.doc',
      compound,
      'rejected',
      'application/msword',
    ),
  ];
}

/** Without a scanner it is a text like others. */
function malware(): CorpusFile[] {
  return [
    corpusFile('malware', 'EICAR', 'eicar.txt', EICAR, 'either', 'text/plain'),
    corpusFile(
      'malware',
      'EICAR in gzip',
      'eicar.gz',
      gzipSync(EICAR),
      'either',
      'application/gzip',
    ),
    corpusFile(
      'malware',
      'EICAR in a document',
      'eicar.docx',
      makeDocx('mill', [{ name: 'word/eicar.com', bytes: EICAR }]),
    ),
  ];
}
