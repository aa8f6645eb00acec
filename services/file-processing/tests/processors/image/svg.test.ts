import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { rasterize } from '../../../src/domain/processors/image/svg/rasterize.ts';
import { make, processed, rejection } from './make.ts';

const SVG = 'image/svg+xml';
const svg = (content: string, attributes = 'width="40" height="20"') =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${content}</svg>`,
  );
const dot = async () =>
  (
    await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
  ).toString('base64');

/** The colour in the middle of the widest rendition. */
async function middle(bytes: Uint8Array) {
  const { artefacts } = await processed(bytes, SVG);
  const { data, info } = await sharp(artefacts.get('w1280.webp'))
    .flatten({ background: 'white' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const at = ((info.height >> 1) * info.width + (info.width >> 1)) * info.channels;
  return [...data.subarray(at, at + 3)].map((value) => Math.round(value / 51) * 51);
}

describe('an SVG', () => {
  it('is drawn as wide as the widest rendition, whatever its own size', async () => {
    const { image, renditions } = await processed(svg('<rect width="40" height="20"/>'), SVG);
    expect(image).toMatchObject({ format: 'svg', width: 40, height: 20 });
    expect(renditions.map(({ name, width, height }) => `${name} ${width}x${height}`)).toEqual([
      ...['w1280 1280x640', 'w640 640x320', 'w200 200x100', 'w640-jpeg 640x320'],
    ]);
  });

  it.each([
    ['its colours', '<rect width="40" height="20" fill="#f00"/>'],
    [
      'its style sheet',
      '<style>.a{fill:#f00}@media print{.a{fill:#00f}}</style><rect class="a" width="40" height="20"/>',
    ],
    [
      'its gradients',
      '<defs><linearGradient id="g"><stop stop-color="#f00"/></linearGradient></defs><rect width="40" height="20" fill="url(#g)"/>',
    ],
    [
      'its copies',
      '<defs><rect id="r" width="20" height="20" fill="#f00"/></defs><use xlink:href="#r" x="10"/>',
    ],
    [
      'its filters',
      '<filter id="f"><feGaussianBlur stdDeviation="1"/></filter><rect x="-40" y="-40" width="120" height="120" fill="#f00" filter="url(#f)"/>',
    ],
    [
      'notes of an editor',
      '<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><x rdf:about=""/></rdf:RDF></metadata><rect width="40" height="20" fill="#f00"/>',
    ],
  ])('is drawn with %s', async (_what, content) => {
    if (content.includes('<x ')) content = content.replace('<x rdf:about=""/>', '<rdf:Bag/>');
    expect(await middle(svg(content))).toEqual([255, 0, 0]);
  });

  it('is drawn with the pictures that lie in it', async () => {
    const image = `<image width="40" height="20" preserveAspectRatio="none" href="data:image/png;base64,${await dot()}"/>`;
    expect(await middle(svg(image))).toEqual([255, 0, 0]);
  });

  it.each([
    ['huge', 'width="50000" height="50000"', 1280, 1280],
    ['high', 'width="10" height="20000"', 2, 4096],
    ['given by its view box', 'viewBox="0 0 300 100"', 1280, 427],
  ])('may be %s', async (_how, attributes, width, height) => {
    const { artefacts } = await processed(svg('<rect width="9" height="9"/>', attributes), SVG);
    const [first] = artefacts.values();
    const metadata = await sharp(first).metadata();
    expect(metadata.width).toBeLessThanOrEqual(Math.max(width, 1));
    expect(metadata.height).toBeLessThanOrEqual(height);
  });

  it('may write text', async () => {
    const { image } = await processed(svg('<text x="1" y="15">안녕 <tspan>hi</tspan></text>'), SVG);
    expect(image.format).toBe('svg');
  });

  it('gives the same bytes each time', async () => {
    const bytes = svg('<circle cx="20" cy="10" r="9" fill="green"/>');
    expect(await processed(bytes, SVG)).toEqual(await processed(bytes, SVG));
  });
});

const uses = (levels: number) =>
  Array.from(
    { length: levels },
    (_, at) => `<g id="l${at + 1}">${`<use href="#l${at}"/>`.repeat(10)}</g>`,
  ).join('');

const raster = { maxWidth: 1280, maxHeight: 4096, timeLimitMs: 60_000 };

describe('drawing', () => {
  it('ends when it takes too long', async () => {
    const limited = { ...raster, timeLimitMs: 10 };
    const drawing = rasterize(svg('<rect/>'), limited, new AbortController().signal);
    await expect(drawing).rejects.toThrow('takes too long to draw');
  });

  it('ends when the work is no longer ours', async () => {
    const controller = new AbortController();
    const drawing = rasterize(svg('<rect/>'), raster, controller.signal);
    controller.abort(new Error('taken over'));
    await expect(drawing).rejects.toThrow('taken over');
  });
});

describe('an SVG is refused', () => {
  it.each([
    ['runs scripts', '<script>alert(1)</script>'],
    ['runs scripts by another name', '<s:script xmlns:s="http://www.w3.org/2000/svg"/>'],
    ['runs scripts when it is loaded', '<rect onload="alert(1)"/>'],
    ['has HTML in it', '<foreignObject/>'],
    ['has HTML in its notes', '<metadata><b xmlns="http://www.w3.org/1999/xhtml"/></metadata>'],
    [
      'includes other XML',
      '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>',
    ],
    ['loads a file', '<image href="file:///etc/passwd"/>'],
    ['loads from the web', '<image xlink:href="http://169.254.169.254/latest"/>'],
    ['loads a relative file', '<use href="other.svg#a"/>'],
    ['loads by a filter', '<filter><feImage href="http://example.com/a.png"/></filter>'],
    ['has another SVG in it', '<image href="data:image/svg+xml;base64,PHN2Zy8+"/>'],
    ['loads by a style sheet', '<style>@import "http://example.com/a.css";</style>'],
    ['loads by hidden characters', '<style>@\\69mport "http://example.com/a.css";</style>'],
    ['loads by a character data section', '<style><![CDATA[@import "a.css";]]></style>'],
    ['loads a font', '<style>@font-face{src:url(http://example.com/a)}</style>'],
    ['loads by an attribute', '<rect fill="url(http://example.com/a#b)"/>'],
    ['loads by a style attribute', '<rect style="fill:URL( \'a.svg#b\' )"/>'],
    ['has a base', '<g xml:base="http://example.com/"/>'],
    ['links to the web', '<a href="javascript:alert(1)"/>'],
    ['contains itself', '<g id="a"><use href="#a"/></g>'],
    ['contains itself by a detour', '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>'],
    ['is a bomb of copies', `<rect id="l0" width="1" height="1"/>${uses(7)}`],
    [
      'is a bomb of patterns',
      `<pattern id="p0"/>${Array.from({ length: 7 }, (_, at) => `<pattern id="p${at + 1}">${`<rect style="fill:url(#p${at})"/>`.repeat(10)}</pattern>`).join('')}`,
    ],
    ['is nested too deeply', '<g>'.repeat(2000) + '</g>'.repeat(2000)],
    ['computes without end', '<filter><feTurbulence numOctaves="99999"/></filter>'],
  ])('where it %s', async (_what, content) => {
    expect(await rejection(svg(content), SVG)).toBe('unsafe_svg');
  });

  it.each([
    [
      'defines entities',
      '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg"><text>&a;</text></svg>',
    ],
    [
      'has a style sheet beside it',
      '<?xml-stylesheet href="a.css"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    ],
    [
      'says to be read otherwise',
      '<?xml version="1.0" encoding="UTF-7"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    ],
  ])('where it %s', async (_what, text) => {
    expect(await rejection(Buffer.from(text), SVG)).toBe('unsafe_svg');
  });

  it('where it says to be a kilometre wide', async () => {
    const wide = svg('<rect/>', 'width="1000000mm" height="1000000mm"');
    expect(await rejection(wide, SVG)).toBe('unsafe_svg');
  });

  it('where the pictures in it are bombs', async () => {
    const bomb = await sharp({
      create: { width: 4000, height: 3000, channels: 3, background: 'red' },
    })
      .png()
      .toBuffer();
    const image = `<image href="data:image/png;base64,${bomb.toString('base64')}"/>`;
    expect(await rejection(svg(image.repeat(9)), SVG)).toBe('unsafe_svg');
  });

  it('with the reason in words, which hold nothing but that', async () => {
    const { answer } = await make(svg('<script/>'), SVG);
    expect(answer).toMatchObject({
      reason: {
        message:
          'The drawing has the element <script>. Remove that, or export it as PNG, and upload it again.',
      },
    });
  });

  it.each([
    ['is no XML', '<svg xmlns="http://www.w3.org/2000/svg"><g></svg>'],
    ['is cut off', '<svg xmlns="http://www.w3.org/2000/svg"><rect wid'],
    [
      'uses what it did not define',
      '<svg xmlns="http://www.w3.org/2000/svg"><text>&b;</text></svg>',
    ],
  ])('as damaged where it %s', async (_what, text) => {
    expect(await rejection(Buffer.from(text), SVG)).toBe('corrupt_image');
  });

  it('as damaged where it is written in another encoding', async () => {
    expect(await rejection(Buffer.from('<svg>\xFF</svg>', 'latin1'), SVG)).toBe('corrupt_image');
  });

  it('as too large above 5 MiB', async () => {
    const large = svg(`<!--${' '.repeat(5 * 1024 ** 2)}-->`);
    expect(await rejection(large, SVG)).toBe('too_large');
  });
});
