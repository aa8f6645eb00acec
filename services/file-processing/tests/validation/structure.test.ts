import { describe, expect, it } from 'vitest';
import type { Sample } from '../../src/domain/kind.ts';
import { judgeEnds, judgeSample, TAIL_BYTES } from '../../src/domain/validation/structure.ts';
import { noise } from '../model/pictures.ts';
import { makeZip } from '../model/zip.ts';

function sample(bytes: Uint8Array | string, signature?: string): Sample {
  const head = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
  return { bytes: head, name: 'file', size: head.length, ...(signature && { signature }) };
}

const GIF = 'GIF89a\x01\0\x01\0\0\0\0;';
const picture = (text: string, at = 200) => sample(GIF.padEnd(at, '\x01') + text, 'image/gif');
const program = sample(`MZ\x90\0${'\0'.repeat(56)}\x80\0\0\0`);
const executable = expect.objectContaining({ code: 'executable_file' });
const polyglot = expect.objectContaining({ code: 'polyglot_file' });

describe('programs', () => {
  it.each([
    ['Windows', program],
    ['ELF', sample('\x7fELF\x02\x01\x01')],
    ['Mach-O', sample('\xcf\xfa\xed\xfe\x07\0\0\x01')],
    ['universal Mach-O', sample('\xca\xfe\xba\xbe\0\0\0\x02')],
    ['Java class', sample('\xca\xfe\xba\xbe\0\0\0\x41')],
    ['WebAssembly', sample('\0asm\x01\0\0\0')],
    ['Android', sample('dex\n035\0')],
    ['Windows shortcut', sample('L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0')],
  ])('refuses %s', (_, bytes) => expect(judgeSample(bytes)).toEqual(executable));

  it('refuses a program by any other name, and inside of gzip', () => {
    expect(judgeSample({ ...program, name: 'cat.jpg' })).toEqual(executable);
    expect(judgeSample({ ...program, compression: 'gzip' })).toEqual(executable);
  });

  it.each([
    'MZ,name,price\n1,mill,2\n',
    '#!/bin/sh\necho',
    'L',
    'MZ',
    '',
    'dex',
    '\xca\xfe\xba\xbe',
  ])('takes the text %j for none', (text) => expect(judgeSample(sample(text))).toBeUndefined());
});

describe('polyglots by the head', () => {
  it.each([
    ['PDF', picture('%PDF-1.7')],
    ['PHP', picture('<?php system(1);')],
    ['a script', picture('<SCRIPT>alert(1)</SCRIPT>')],
    ['a page', picture('<!DOCTYPE html><title>x</title>')],
    ['RAR', picture('Rar!\x1a\x07\x01\0', 40_000)],
    ['TAR', picture('ustar\0', 257)],
    ['ISO 9660', picture('CD001', 32_769)],
    [
      'JavaScript in a GIF',
      sample(`GIF89a/*\x01\0\0\0${'\x02'.repeat(500)}*/ =1;f()`, 'image/gif'),
    ],
    ['JavaScript as a GIF', sample('GIF89a=1;f();\n', 'image/gif')],
    ['JavaScript in a JPEG', sample('\xff\xd8\xff\xe0/*JFIF', 'image/jpeg')],
    ['JavaScript in a WAV', sample('RIFF/*\0\0WAVE*/=f()', 'audio/wav')],
    ['PDF in a ZIP', sample('PK\x03\x04 %PDF-1.7', 'application/zip')],
  ])('refuses a file that is also %s', (_, bytes) => {
    expect(judgeSample(bytes)).toEqual(polyglot);
  });

  it('takes what cameras and editors write', () => {
    const xmp =
      'http://ns.adobe.com/xap/1.0/\0<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:description>&lt;script&gt; and &lt;html&gt;</dc:description></x:xmpmeta>';
    expect(judgeSample(picture(xmp))).toBeUndefined();
    expect(judgeSample(picture('Written by <scripted> tools, see <htmlish>'))).toBeUndefined();
    expect(judgeSample(picture('%PDF-1.7', 1024))).toBeUndefined();
    // 10,799 and 61 pixels wide, as it happens.
    expect(judgeSample(sample('GIF89a/*\x01\0\xf7\0\0', 'image/gif'))).toBeUndefined();
    expect(judgeSample(sample('GIF89a=\0\x01\0\xf7\0\0', 'image/gif'))).toBeUndefined();
  });

  it.each([
    ['a text about PDF', sample('A file begins with %PDF-1.7.')],
    ['a page with scripts', sample('<!doctype html><script>f()</script>')],
    ['a PDF', sample('%PDF-1.7\n<script>', 'application/pdf')],
    ['XML', sample('<?xml version="1.0"?><a>%PDF-</a>', 'application/xml')],
  ])('takes %s', (_, bytes) => expect(judgeSample(bytes)).toBeUndefined());

  it('takes thousands of heads of noise', async () => {
    const jpeg = await noise(600, 600);
    for (let at = 0; at + 65_536 < jpeg.length; at += 64) {
      const head = Buffer.concat([jpeg.subarray(0, 600), jpeg.subarray(at, at + 64_936)]);
      expect(judgeSample(sample(head, 'image/jpeg'))).toBeUndefined();
    }
  });
});

describe('polyglots by the end', () => {
  const zip = makeZip([{ name: 'Payload.class', bytes: Buffer.from('payload') }]);
  const tailOf = (bytes: Uint8Array) => bytes.subarray(-TAIL_BYTES);
  const behind = (head: string, more = Buffer.alloc(0)) =>
    tailOf(Buffer.concat([Buffer.from(head, 'latin1'), Buffer.alloc(1000, 1), zip, more]));

  it('refuses a ZIP behind anything else', () => {
    expect(judgeEnds(picture(''), behind(GIF))).toEqual(polyglot);
    expect(judgeEnds(sample('%PDF-1.7', 'application/pdf'), behind('%PDF-1.7'))).toEqual(polyglot);
    expect(judgeEnds(sample('a,b\n'), behind('a,b\n'))).toEqual(polyglot);
  });

  it('refuses it with more behind it, with a long comment, and with its directory out of sight', () => {
    expect(judgeEnds(picture(''), behind(GIF, Buffer.from('\xff\xd9')))).toEqual(polyglot);
    const commented = makeZip([{ name: 'a' }], 'x'.repeat(0xffff));
    expect(judgeEnds(picture(''), tailOf(Buffer.concat([Buffer.from(GIF), commented])))).toEqual(
      polyglot,
    );
    const many = makeZip(Array.from({ length: 2000 }, (_, index) => ({ name: `name-${index}` })));
    expect(judgeEnds(picture(''), tailOf(Buffer.concat([Buffer.from(GIF), many])))).toEqual(
      polyglot,
    );
  });

  it('takes a ZIP for one format, and its signature alone for none', () => {
    expect(judgeEnds(sample(zip, 'application/zip'), zip)).toBeUndefined();
    const mention = Buffer.from(`${GIF}PK\x05\x06${'\x09'.repeat(40)}`, 'latin1');
    expect(judgeEnds(picture(''), mention)).toBeUndefined();
    expect(judgeEnds(picture(''), Buffer.from('PK\x05\x06', 'latin1'))).toBeUndefined();
    expect(judgeEnds(picture(''), new Uint8Array())).toBeUndefined();
  });

  it('takes a picture with a video behind it, as telephones make them', async () => {
    const video = Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1');
    const motion = Buffer.concat([await noise(200, 200), video, Buffer.alloc(70_000, 3)]);
    expect(judgeSample(sample(motion.subarray(0, 65_536), 'image/jpeg'))).toBeUndefined();
    expect(judgeEnds(sample(motion, 'image/jpeg'), tailOf(motion))).toBeUndefined();
  });
});
