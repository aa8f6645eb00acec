import { zipSync } from 'fflate';
import { fileTypeFromBuffer } from 'file-type';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../src/domain/kind.ts';
import { documentKind } from '../../../src/domain/processors/document/kind.ts';
import {
  COMPOUND_FILE,
  DOCX,
  HTML,
  MARKDOWN,
  PDF,
  PLAIN_TEXT,
} from '../../../src/domain/processors/document/media-types.ts';
import { makeDocx, makePdf } from '../../model/documents.ts';

/** As the router makes it: with the signature that file-type sees. */
async function recognize(content: Uint8Array | string, more: Partial<Sample> = {}) {
  const whole = typeof content === 'string' ? Buffer.from(content) : content;
  const bytes = whole.subarray(0, 65_536);
  const signature = (await fileTypeFromBuffer(bytes))?.mime;
  return documentKind.recognize({
    ...{ bytes, name: 'file', size: whole.length, ...(signature && { signature }) },
    ...more,
  });
}

const EUC_KR = Buffer.from('b0e1c1a6b8a620bfcfb7e1c7d8bdc0b4cfb4d9', 'hex');
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

describe('documents with a signature', () => {
  it.each<[string, Uint8Array | string, string]>([
    ['a PDF', makePdf(['x']), PDF],
    ['a PDF behind a byte order mark', `\ufeff${makePdf(['x']).toString('latin1')}`, PDF],
    ['a PDF behind a mail header', `X-Mail: 1\r\n\r\n${makePdf(['x']).toString('latin1')}`, PDF],
    ['a DOCX', makeDocx(['x']), DOCX],
    [
      'a DOCX with macros',
      makeDocx(['x'], { parts: { 'word/vbaProject.bin': [new Uint8Array(9), {}] } }),
      DOCX,
    ],
    [
      'a DOCX larger than the sample',
      makeDocx(['x'], { parts: { 'word/media/a.bin': [new Uint8Array(90_000), { level: 0 }] } }),
      DOCX,
    ],
    ['a compound file', Buffer.from('d0cf11e0a1b11ae1'.padEnd(2048, '0'), 'hex'), COMPOUND_FILE],
  ])('knows %s', async (_, content, mediaType) => {
    expect(await recognize(content)).toBe(mediaType);
  });

  it.each<[string, Uint8Array | string]>([
    ['an XLSX', zipSync({ 'xl/workbook.xml': new Uint8Array(9) })],
    ['a ZIP', zipSync({ 'password.txt': new Uint8Array(9) })],
    ['an RTF', '{\\rtf1\\ansi hello}'],
    ['a lone ZIP signature', 'PK\u0003\u0004'],
  ])('knows that %s is none', async (_, content) => {
    expect(await recognize(content)).toBeUndefined();
  });
});

it('leaves a PDF within another format to that', async () => {
  const content = `\x89PNG${makePdf(['x']).toString('latin1')}`;
  expect(await recognize(content, { signature: 'image/png' })).toBeUndefined();
});

describe('text', () => {
  it.each<[string, Uint8Array | string, string]>([
    ['HTML by its document type', '\n<!-- saved -->\n<!DOCTYPE html><p>x', HTML],
    ['HTML in UTF-16', utf16('<html><p>결제'), HTML],
    [
      'HTML in an encoding it names',
      Buffer.from('<html><meta charset=latin1>caf\xe9', 'latin1'),
      HTML,
    ],
    ['XHTML', '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0"><html/>', HTML],
    ['a fragment of HTML', '<p>one<p>two', HTML],
    ['Markdown by its marks', '# Title\n\nSee [it](https://example.com).\n', MARKDOWN],
    ['XML that is no HTML', '<?xml version="1.0"?><rss/>', PLAIN_TEXT],
    ['a script with comments', '# Prints x\nprint("x")\n', PLAIN_TEXT],
    ['prose about PDF', 'A file begins with %PDF-1.7 and so on.', PLAIN_TEXT],
    ['Korean in UTF-8', '결제를 완료했습니다', PLAIN_TEXT],
    ['Korean in EUC-KR', EUC_KR, PLAIN_TEXT],
    ['Korean in UTF-16 LE', utf16('결제'), PLAIN_TEXT],
    ['Korean in UTF-16 BE', utf16('결제').swap16(), PLAIN_TEXT],
    ['one letter', 'a', PLAIN_TEXT],
  ])('knows %s', async (_, content, mediaType) => {
    expect(await recognize(content)).toBe(mediaType);
  });

  it('goes by the name and the declared type for Markdown alone', async () => {
    expect(await recognize('plain', { name: 'README.MD' })).toBe(MARKDOWN);
    expect(await recognize('<h1 align=center>x</h1>', { name: 'README.md' })).toBe(MARKDOWN);
    expect(await recognize('plain', { declaredType: MARKDOWN })).toBe(MARKDOWN);
    expect(await recognize('plain', { name: 'a.pdf', declaredType: PDF })).toBe(PLAIN_TEXT);
    expect(await recognize('<!doctype html>', { name: 'a.md' })).toBe(HTML);
  });

  it('is cut by the sample within a character', async () => {
    const korean = Buffer.from('가'.repeat(30_000));
    for (const end of [65_535, 65_534, 65_533]) {
      expect(await recognize(korean.subarray(0, end))).toBe(PLAIN_TEXT);
    }
  });

  it.each<[string, Uint8Array]>([
    ['no bytes', new Uint8Array()],
    ['a NUL', Buffer.from('a\0b')],
    ['control characters', Buffer.from('a\u0001b')],
    ['Latin 1', Buffer.from('na\xefve caf\xe9 \xfcber', 'latin1')],
    ['noise', Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 7919) % 251))],
  ])('is not %s', async (_, bytes) => {
    expect(await recognize(bytes)).toBeUndefined();
  });

  it('is not what is compressed as a whole', async () => {
    expect(await recognize('text', { compression: 'gzip' })).toBeUndefined();
  });
});

it('recognises hostile samples in no time', async () => {
  const begin = process.cpuUsage();
  for (const unit of [
    '<!--',
    '<?xml ',
    ' ',
    '# ',
    '](https://',
    '1 0 obj',
    'PK\u0003\u0004',
    '%PDF-1',
  ]) {
    await recognize(unit.repeat(65_536 / unit.length));
  }
  expect(process.cpuUsage(begin).user / 1_000).toBeLessThan(2_000);
});
