import { deflateSync } from 'node:zlib';
import { type Zippable, zipSync } from 'fflate';

export interface PdfOptions {
  readonly title?: string;
  readonly language?: string;
  /** Entries of the trailer besides its own. */
  readonly trailer?: string;
}

/**
 * A PDF with one line of text per page and no font file: glyphs are numbered, and a ToUnicode map
 * says what they mean, as in PDFs with embedded subsets of fonts.
 */
export function makePdf(pages: readonly string[], options: PdfOptions = {}): Buffer {
  const alphabet = [...new Set(pages.join(''))];
  const pageNumber = (index: number) => 7 + index * 2;
  const objects = [
    `<</Type/Catalog/Pages 2 0 R${options.language ? `/Lang(${options.language})` : ''}>>`,
    `<</Type/Pages/Count ${pages.length}/Kids[${pages.map((_, index) => `${pageNumber(index)} 0 R`).join(' ')}]>>`,
    '<</Type/Font/Subtype/Type0/BaseFont/Made/Encoding/Identity-H/DescendantFonts[4 0 R]/ToUnicode 5 0 R>>',
    '<</Type/Font/Subtype/CIDFontType2/BaseFont/Made/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW 1000/FontDescriptor<</Type/FontDescriptor/FontName/Made/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800/Descent -200/CapHeight 700/StemV 80>>>>',
    pdfStream(toUnicode(alphabet)),
    `<<${options.title === undefined ? '' : `/Title<${utf16(`\ufeff${options.title}`)}>`}>>`,
    ...pages.flatMap((text, index) => [
      `<</Type/Page/Parent 2 0 R/MediaBox[0 0 3000 800]/Resources<</Font<</F 3 0 R>>>>/Contents ${pageNumber(index) + 1} 0 R>>`,
      pdfStream(
        `BT /F 12 Tf 50 700 Td <${[...text].map((c) => glyph(alphabet.indexOf(c))).join('')}> Tj ET`,
      ),
    ]),
  ];
  return writePdf(objects, `/Info 6 0 R${options.trailer ?? ''}`);
}

/** Objects numbered from 1, of which the first is the catalog. */
export function writePdf(objects: readonly (string | Buffer)[], trailer = ''): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1')];
  const offsets: number[] = [];
  let at = parts[0]?.length ?? 0;
  const write = (part: Buffer) => {
    parts.push(part);
    at += part.length;
  };
  for (const [index, object] of objects.entries()) {
    offsets.push(at);
    write(Buffer.from(`${index + 1} 0 obj\n`));
    write(Buffer.from(object as Buffer));
    write(Buffer.from('\nendobj\n'));
  }
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  const start = at;
  write(Buffer.from(`xref\n0 ${size}\n0000000000 65535 f \n${table}`));
  write(
    Buffer.from(`trailer\n<</Size ${size}/Root 1 0 R${trailer}>>\nstartxref\n${start}\n%%EOF\n`),
  );
  return Buffer.concat(parts);
}

export function pdfStream(content: string | Buffer): Buffer {
  const deflated = deflateSync(Buffer.from(content as Buffer), { level: 9 });
  return Buffer.concat([
    Buffer.from(`<</Filter/FlateDecode/Length ${deflated.length}>>stream\n`),
    deflated,
    Buffer.from('\nendstream'),
  ]);
}

function toUnicode(alphabet: readonly string[]): string {
  const blocks: string[] = [];
  for (let at = 0; at < alphabet.length; at += 100) {
    const block = alphabet.slice(at, at + 100);
    const lines = block.map((character, index) => `<${glyph(at + index)}> <${utf16(character)}>`);
    blocks.push(`${block.length} beginbfchar\n${lines.join('\n')}\nendbfchar`);
  }
  return `/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /Made def /CMapType 2 def
1 begincodespacerange <0000> <ffff> endcodespacerange
${blocks.join('\n')}
endcmap CMapName currentdict /CMap defineresource pop end end`;
}

/** Glyph 0 is the one that stands for none. */
function glyph(index: number): string {
  return (index + 1).toString(16).padStart(4, '0');
}

function utf16(text: string): string {
  return Buffer.from(text, 'utf16le').swap16().toString('hex');
}

export interface DocxOptions {
  readonly title?: string;
  readonly pages?: number;
  readonly language?: string;
  /** Parts besides the usual ones, or in their place. */
  readonly parts?: Zippable;
  /** Of the main part. */
  readonly contentType?: string;
}

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml';

/** Paragraphs that begin with `<` are taken as markup. */
export function makeDocx(paragraphs: readonly string[], options: DocxOptions = {}): Buffer {
  const { title, pages, language, contentType = `${WORD}.document.main+xml` } = options;
  const body = paragraphs.map((text) =>
    text.startsWith('<')
      ? text
      : `<w:p><w:r><w:t xml:space="preserve">${escapeXml(text)}</w:t></w:r></w:p>`,
  );
  const parts: Zippable = {
    '[Content_Types].xml': xml(
      `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="${contentType}"/><Override PartName="/word/footnotes.xml" ContentType="${WORD}.footnotes+xml"/></Types>`,
    ),
    'word/document.xml': xml(
      `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body.join('')}</w:body></w:document>`,
    ),
    'docProps/core.xml': xml(
      `<cp:coreProperties xmlns:cp="c" xmlns:dc="d">${title === undefined ? '' : `<dc:title>${escapeXml(title)}</dc:title>`}${language ? `<dc:language>${language}</dc:language>` : ''}</cp:coreProperties>`,
    ),
    'docProps/app.xml': xml(`<Properties>${pages ? `<Pages>${pages}</Pages>` : ''}</Properties>`),
    ...options.parts,
  };
  return Buffer.from(zipSync(parts, { mtime: '2026-01-01T00:00:00Z' }));
}

function xml(content: string): Uint8Array {
  return new TextEncoder().encode(`<?xml version="1.0" encoding="UTF-8"?>${content}`);
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
