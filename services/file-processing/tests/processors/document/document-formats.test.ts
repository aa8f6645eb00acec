import { describe, expect, it } from 'vitest';
import { ContentError } from '../../../src/domain/content/content-error.ts';
import { EXTRACTION_LIMITS } from '../../../src/domain/processors/document/extraction.ts';
import {
  DOCX,
  HTML,
  MARKDOWN,
  PDF,
  PLAIN_TEXT,
} from '../../../src/domain/processors/document/media-types.ts';
import { readDocument } from '../../../src/domain/processors/document/read-document.ts';
import { makeDocx, makePdf, pdfStream, writePdf } from '../../model/documents.ts';

function read(mediaType: string, content: Uint8Array | string, limits = {}) {
  const bytes = new Uint8Array(typeof content === 'string' ? Buffer.from(content) : content);
  return readDocument(mediaType, bytes, { ...EXTRACTION_LIMITS, ...limits });
}

const KOREAN = '결제를 완료했습니다. 주문 번호는 1234입니다.';
const ENGLISH = 'The payment was completed and the order is on its way.';

describe('PDF', () => {
  it('gives text, title, language and pages', async () => {
    const pdf = makePdf([KOREAN, ENGLISH], { title: '결제 보고서' });
    expect(await read(PDF, pdf)).toEqual({
      text: `${KOREAN}\n\n${ENGLISH}`,
      facts: {
        ...{ format: 'pdf', title: '결제 보고서', language: 'ko', pages: 2 },
        ...{ characters: KOREAN.length + ENGLISH.length + 2, words: 16 },
      },
    });
  });

  it('reads the fonts that every reader has', async () => {
    const pdf = writePdf([
      '<</Type/Catalog/Pages 2 0 R>>',
      '<</Type/Pages/Count 1/Kids[3 0 R]>>',
      '<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>/Contents 4 0 R>>',
      pdfStream('BT /F 12 Tf 50 700 Td (Invoice) Tj 0 -20 Td (42 euros) Tj ET'),
    ]);
    expect((await read(PDF, pdf)).text).toBe('Invoice\n42 euros');
  });

  it('takes the declared language where the words do not tell', async () => {
    const { facts } = await read(PDF, makePdf(['42'], { language: 'de-AT' }));
    expect(facts.language).toBe('de');
  });

  it('finds the pages of a file whose table of objects is not where it should be', async () => {
    const pdf = makePdf([KOREAN, ENGLISH]);
    const { text, facts } = await read(
      PDF,
      Buffer.from(pdf.toString('latin1').replace(/startxref\n\d+/, 'startxref\n7'), 'latin1'),
    );
    expect([text, facts.pages]).toEqual([`${KOREAN}\n\n${ENGLISH}`, 2]);
  });

  it('says that the text is not all where pages are left out', async () => {
    const { text, facts } = await read(PDF, makePdf(['one', 'two', 'three']), { pages: 2 });
    expect([text, facts.pages, facts.partial]).toEqual(['one\n\ntwo', 3, true]);
  });

  it('says that the text is not all where it takes a character map of Adobe to read it', async () => {
    const font =
      '<</Type/Font/Subtype/Type0/BaseFont/Batang/Encoding/KSCms-UHC-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType2/BaseFont/Batang/CIDSystemInfo<</Registry(Adobe)/Ordering(Korea1)/Supplement 1>>>>]>>';
    const pdf = writePdf([
      '<</Type/Catalog/Pages 2 0 R>>',
      '<</Type/Pages/Count 1/Kids[3 0 R]>>',
      `<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F ${font}>>>>/Contents 4 0 R>>`,
      pdfStream('BT /F 12 Tf 50 700 Td <b0e1c1a6> Tj ET'),
    ]);
    const { text, facts } = await read(PDF, pdf);
    expect([text, facts.partial]).toEqual(['', true]);
  });

  it('tells what is damaged', async () => {
    const damaged = makePdf(['x']).subarray(0, 40);
    await expect(read(PDF, damaged)).rejects.toMatchObject({ code: 'corrupt_document' });
  });

  it('tells what asks for a password', async () => {
    const encrypt = `/Encrypt<</Filter/Standard/V 1/R 2/O<${'61'.repeat(32)}>/U<${'62'.repeat(32)}>/P -4>>/ID[<00><00>]`;
    const locked = makePdf(['x'], { trailer: encrypt });
    await expect(read(PDF, locked)).rejects.toMatchObject({ code: 'encrypted_document' });
  });
});

describe('DOCX', () => {
  it('gives text, title, language and pages', async () => {
    const docx = makeDocx([KOREAN, ENGLISH], { title: '결제 & 주문', pages: 7 });
    expect(await read(DOCX, docx)).toEqual({
      text: `${KOREAN}\n${ENGLISH}`,
      facts: {
        ...{ format: 'docx', title: '결제 & 주문', language: 'ko', pages: 7 },
        ...{ characters: KOREAN.length + ENGLISH.length + 1, words: 16 },
      },
    });
  });

  it.each([
    [
      'tabs, not tab stops',
      '<w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t></w:r>',
      'a b',
    ],
    ['line breaks', '<w:r><w:t>a</w:t><w:br/><w:t>b</w:t></w:r>', 'a\nb'],
    ['words across runs', '<w:r><w:t>결제</w:t></w:r><w:r><w:t>를</w:t></w:r>', '결제를'],
    [
      'what is left after changes',
      '<w:del><w:r><w:delText>a</w:delText></w:r></w:del><w:ins><w:r><w:t>b</w:t></w:r></w:ins>',
      'b',
    ],
    [
      'moved text once',
      '<w:moveFrom><w:r><w:t>a</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>a</w:t></w:r></w:moveTo>',
      'a',
    ],
    [
      'text boxes once',
      '<w:r><mc:AlternateContent><mc:Choice><w:t>a</w:t></mc:Choice><mc:Fallback><w:t>a</w:t></mc:Fallback></mc:AlternateContent></w:r>',
      'a',
    ],
    [
      'no codes of fields',
      '<w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>1</w:t></w:r>',
      '1',
    ],
    [
      'cells apart',
      '<w:tbl><w:tr><w:tc><w:t>a</w:t></w:tc><w:tc><w:t>b</w:t></w:tc></w:tr></w:tbl>',
      'a b',
    ],
  ])('reads %s', async (_, markup, text) => {
    expect((await read(DOCX, makeDocx([`<w:p>${markup}</w:p>`]))).text).toBe(text);
  });

  it('finds the main part by its content type, and the notes after it', async () => {
    const part = (text: string) =>
      new TextEncoder().encode(`<w:x><w:p><w:t>${text}</w:t></w:p></w:x>`);
    const parts = { 'word/footnotes.xml': part('note') };
    expect((await read(DOCX, makeDocx(['main'], { parts }))).text).toBe('main\nnote');
    const elsewhere = makeDocx(['wrong'], {
      parts: {
        '[Content_Types].xml': new TextEncoder().encode(
          '<Types><Override PartName="/word/document2.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        ),
        'word/document2.xml': part('right'),
      },
    });
    expect((await read(DOCX, elsewhere)).text).toBe('right');
  });

  it('refuses macros, by part and by type', async () => {
    const refusal = { code: 'macros_not_allowed' };
    const byPart = makeDocx(['x'], { parts: { 'word/vbaProject.bin': new Uint8Array(9) } });
    await expect(read(DOCX, byPart)).rejects.toMatchObject(refusal);
    const contentType = 'application/vnd.ms-word.document.macroEnabled.main+xml';
    await expect(read(DOCX, makeDocx(['x'], { contentType }))).rejects.toMatchObject(refusal);
  });

  it('keeps entities of its own and those outside as they are written', async () => {
    const parts = {
      'word/document.xml': new TextEncoder().encode(
        '<!DOCTYPE x [<!ENTITY a "boom"><!ENTITY f SYSTEM "file:///etc/passwd">]><w:d><w:t>&a;&f;&amp;</w:t></w:d>',
      ),
    };
    expect((await read(DOCX, makeDocx([], { parts }))).text).toBe('&a;&f;&');
  });

  it('tells what is damaged', async () => {
    const docx = makeDocx(['x']);
    await expect(read(DOCX, docx.subarray(0, -9))).rejects.toMatchObject({
      code: 'corrupt_archive',
    });
    docx.fill(0xff, docx.indexOf('word/document.xml') + 17, docx.indexOf('word/document.xml') + 90);
    await expect(read(DOCX, docx)).rejects.toMatchObject({ code: 'corrupt_document' });
  });
});

describe('HTML', () => {
  it('gives what a reader sees', async () => {
    const html = `<!doctype html><html lang="ko"><head><title>결제 &amp; 주문</title>
      <style>p { color: red }</style><script>document.write('no')</script></head>
      <body><h1>제목</h1><p>하나 &lt;둘&gt;   셋</p><ul><li>가<li>나</ul>
      <table><tr><td>a</td><td>b</td></tr></table><svg><title>no</title></svg>
      <pre>x
  y</pre><img src="http://127.0.0.1:1/no.png" alt="no"></body></html>`;
    expect(await read(HTML, html)).toMatchObject({
      text: '제목\n하나 <둘> 셋\n가\n나\na b\nx\ny',
      facts: { format: 'html', title: '결제 & 주문', language: 'ko' },
    });
  });

  it('takes the first heading for the title where there is no other', async () => {
    const { facts } = await read(HTML, '<p>x<h1>One <b>bold</b></h1><h1>Two</h1>');
    expect(facts.title).toBe('One bold');
  });

  it.each([
    [
      'the one that is declared',
      Buffer.from('<html><meta charset="windows-1252"><p>caf\xe9', 'latin1'),
      'café',
    ],
    [
      'its mark before what is declared',
      Buffer.from('\ufeff<html><meta charset=utf-8><p>결제', 'utf16le'),
      '결제',
    ],
    [
      'EUC-KR that nobody declared',
      Buffer.concat([Buffer.from('<html><p>'), Buffer.from('b0e1c1a6', 'hex')]),
      '결제',
    ],
    [
      'that of browsers, where there is none',
      Buffer.from('<html><meta charset=no-such><p>caf\xe9 x', 'latin1'),
      'café x',
    ],
  ])('goes by the encoding: %s', async (_, bytes, text) => {
    expect((await read(HTML, bytes)).text).toBe(text);
  });
});

describe('Markdown', () => {
  it('gives words without their marks', async () => {
    const markdown = `# 결제 *보고서*\n\nSee [the order](https://example.com/x) and \`code\`.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<script>no</script>\n`;
    expect(await read(MARKDOWN, markdown)).toMatchObject({
      text: '결제 보고서\nSee the order and code.\none\ntwo\na b\n1 2',
      facts: { format: 'markdown', title: '결제 보고서' },
    });
  });

  it('takes the title of the front matter and leaves that out', async () => {
    const { text, facts } = await read(
      MARKDOWN,
      '---\r\ntitle: "A: b"\r\ntags: x\r\n---\r\n\r\n# C\r\n',
    );
    expect([text, facts.title]).toEqual(['C', 'A: b']);
  });
});

describe('plain text', () => {
  it.each([
    ['UTF-8 with a mark', Buffer.from('\ufeff결제')],
    ['UTF-16 LE', Buffer.from('\ufeff결제', 'utf16le')],
    ['UTF-16 BE', Buffer.from('\ufeff결제', 'utf16le').swap16()],
    ['EUC-KR', Buffer.from('b0e1c1a6', 'hex')],
    ['UTF-8 in jamo', Buffer.from('결제'.normalize('NFD'))],
    ['UTF-8 that is cut', Buffer.from('결제를').subarray(0, -1)],
  ])('is read in %s', async (_, bytes) => {
    expect(await read(PLAIN_TEXT, bytes)).toEqual({
      text: '결제',
      facts: { format: 'text', language: 'ko', characters: 2, words: 1 },
    });
  });

  it('has its white space normalised', async () => {
    const { text } = await read(
      PLAIN_TEXT,
      ' a\t\u00a0b \r\n\r\n\r\n\rc\u2028so\u00adft\u200b \u{1f600}\n',
    );
    expect(text).toBe('a b\n\nc\nsoft \u{1f600}');
  });

  it('is counted in code points and words', async () => {
    const { facts } = await read(PLAIN_TEXT, 'a \u{1f600} - 결제 b-1');
    expect([facts.characters, facts.words]).toEqual([12, 3]);
  });

  it('is cut at the limit, not within a character, and says so', async () => {
    const { text, facts } = await read(PLAIN_TEXT, 'abc\u{1f600}', { characters: 4 });
    expect([text, facts.partial]).toEqual(['abc', true]);
  });

  it('keeps at most 30 marks on a letter, whatever nobody sees between them', async () => {
    const { text } = await read(PLAIN_TEXT, `x${'\u0316\u200b'.repeat(1_000_000)}`);
    expect(text).toBe(`x${'\u0316'.repeat(30)}`);
  });

  it('is refused where the part behind the sample is not text', async () => {
    const bytes = Buffer.concat([Buffer.from('a'.repeat(70_000)), Buffer.from([0])]);
    await expect(read(PLAIN_TEXT, bytes)).rejects.toMatchObject({ code: 'unreadable_text' });
  });
});

it.each([
  ['en', ENGLISH],
  ['ko', KOREAN],
  ['ko', 'Serverless 아키텍처는 AWS Lambda와 DynamoDB를 사용한다'],
  ['ja', 'これは日本語の文書です'],
  ['zh', '这是一个中文文档'],
  ['de', 'Der schnelle braune Fuchs springt über den faulen Hund'],
  ['fr', 'Le renard brun rapide saute par-dessus le chien paresseux'],
  [undefined, 'Invoice'],
  [undefined, '12345 67'],
])('tells the language %s of %j', async (language, text) => {
  expect((await read(PLAIN_TEXT, text)).facts.language).toBe(language);
});

it.each<[string, string, Buffer]>([
  ['PDF', PDF, makePdf([KOREAN, ENGLISH], { title: '결제' })],
  ['DOCX', DOCX, makeDocx([KOREAN])],
])(
  'cut anywhere, or with a flipped bit, a %s ends in a result or a reason',
  async (_, mediaType, whole) => {
    const parts = 60;
    for (let part = 1; part < parts; part += 1) {
      const at = Math.floor((whole.length * part) / parts);
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (part % 8));
      for (const bytes of [whole.subarray(0, at), flipped]) {
        const end = await read(mediaType, bytes).catch((error: unknown) => error);
        if (end instanceof Error) expect(end).toBeInstanceOf(ContentError);
      }
    }
  },
);
