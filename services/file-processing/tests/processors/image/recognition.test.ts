import { fileTypeFromBuffer } from 'file-type';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../src/domain/kind.ts';
import { imageKind } from '../../../src/domain/processors/image/kind.ts';
import { noise, twoColoured } from '../../model/pictures.ts';
import { processed } from './make.ts';

/** As the router sees it: the signature is the one that file-type finds. */
async function recognized(content: Uint8Array | string, more: Partial<Sample> = {}) {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const signature = (await fileTypeFromBuffer(bytes))?.mime;
  const sample = { bytes, name: 'file', size: bytes.length, ...(signature && { signature }) };
  return imageKind.recognize({ ...sample, ...more });
}

/** A file type box, and nothing after it that is a picture. */
function fileTypeBox(major: string, ...compatible: string[]) {
  const brands = Buffer.from([major, '\0\0\0\0', ...compatible].join(''), 'latin1');
  const size = Buffer.alloc(4);
  size.writeUInt32BE(brands.length + 8);
  return Buffer.concat([size, Buffer.from('ftyp'), brands, Buffer.alloc(64)]);
}

describe('a picture is recognised', () => {
  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('as %s', async (format) => {
    const bytes = await sharp(await noise(40, 30))
      .toFormat(format)
      .toBuffer();
    expect(await recognized(bytes)).toBe(`image/${format}`);
  });

  it.each([
    ['heic', ['mif1', 'heic']],
    ['heix', ['mif1']],
    ['hevc', ['msf1']],
    ['mif1', ['heic']],
    ['msf1', ['hevc']],
  ])('as HEIC by the brand %s', async (major, compatible) => {
    expect(await recognized(fileTypeBox(major, ...compatible))).toBe('image/heic');
  });

  it('as AVIF where it is one that calls itself HEIF first, and is then processed', async () => {
    const avif = await (await twoColoured(300, 100)).avif({ effort: 0 }).toBuffer();
    expect(avif.toString('latin1', 8, 12)).toBe('avif');
    const heif = Buffer.from(avif);
    heif.write('mif1', 8, 'latin1');
    expect(heif.includes('avif', 16, 'latin1')).toBe(true);
    expect(await recognized(heif)).toBe('image/avif');
    expect((await processed(heif, 'image/avif')).image).toMatchObject({
      ...{ format: 'avif', width: 300, height: 100 },
    });
  });

  it.each([
    ['<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['\uFEFF<svg>'],
    ['<?xml version="1.0"?>\r\n<svg\nwidth="1">'],
    ['<!-- <html> --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd"> <svg >'],
    ['<!DOCTYPE svg [ <!ENTITY a "<b>"> ]><svg>'],
    [
      '<?xml version="1.0"?><?xml-stylesheet href="a"?><s:svg xmlns:s="http://www.w3.org/2000/svg">',
    ],
  ])('as SVG by its root element: %j', async (text) => {
    expect(await recognized(text)).toBe('image/svg+xml');
  });

  it.each([
    ['<html><svg></svg></html>'],
    ['<svgx>'],
    ['<svg'],
    ['text <svg>'],
    ['<!-- <svg> '],
    ['<!DOCTYPE html><svg>'.replace('><', '>x<')],
    ['<?xml version="1.0"?><rss>'],
    ['<!DOCTYPE svg [ '],
    [''],
    ['%PDF-1.7\n<svg>'],
  ])('and nothing else is: %j', async (text) => {
    expect(await recognized(text)).toBeUndefined();
  });

  it('not where it is compressed as a whole', async () => {
    expect(await recognized(await noise(8, 8), { compression: 'gzip' })).toBeUndefined();
  });

  it('in no time, also where 64 KiB open comments without end', () => {
    const bytes = Buffer.from('<!---->'.repeat(9362) + '<!--'.repeat(10));
    const start = process.cpuUsage();
    expect(imageKind.recognize({ bytes, name: 'file', size: bytes.length })).toBeUndefined();
    expect(process.cpuUsage(start).user / 1_000).toBeLessThan(500);
  });
});
