import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { EXTRACTION_LIMITS } from '../../../src/domain/processors/document/extraction.ts';
import {
  COMPOUND_FILE,
  DOCX,
  HTML,
  MARKDOWN,
  PDF,
  PLAIN_TEXT,
} from '../../../src/domain/processors/document/media-types.ts';
import {
  documentProcessor,
  documentProcessorWith,
} from '../../../src/domain/processors/document/processor.ts';
import { memoryBench, memoryUpload } from '../../model/bench.ts';
import { makeDocx, makePdf, pdfStream, writePdf } from '../../model/documents.ts';

async function process(
  mediaType: string,
  content: Uint8Array | string,
  processor = documentProcessor,
) {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const { bench, ...kept } = memoryBench();
  const result = await processor.process(memoryUpload(bytes, { mediaType }), bench);
  return { result, ...kept };
}

const KOREAN = '결제를 완료했습니다. 주문 번호는 1234입니다.';
const rejection = (code: string) => ({ kind: 'rejected', reason: { code } });

describe('a document', () => {
  it('becomes its text, what is known of it, and what it is found by', async () => {
    const { result, artefacts, percents } = await process(
      PDF,
      makePdf([KOREAN, '끝'], { title: '결제' }),
    );
    expect(result).toEqual({
      kind: 'processed',
      facts: {
        document: {
          ...{ format: 'pdf', title: '결제', language: 'ko', pages: 2, words: 6 },
          characters: KOREAN.length + 3,
        },
      },
      renditions: [
        expect.objectContaining({ name: 'text', contentType: 'text/plain; charset=utf-8' }),
      ],
      findable: { title: '결제', language: 'ko', text: `${KOREAN}\n\n끝` },
    });
    expect(Buffer.from(artefacts.get('text.txt') ?? []).toString()).toBe(`${KOREAN}\n\n끝`);
    expect(percents).toEqual([47, 95]);
  });

  it('gives the same bytes again', async () => {
    const first = await process(DOCX, makeDocx([KOREAN]));
    const second = await process(DOCX, makeDocx([KOREAN]));
    expect(second).toEqual(first);
  });

  it('without any text has no rendition', async () => {
    const { result, artefacts } = await process(PDF, makePdf(['']));
    expect(result).toMatchObject({ kind: 'processed', renditions: [] });
    expect(artefacts.size).toBe(0);
  });

  it('of text may be no larger than 20 MiB', async () => {
    const { result } = await process(PLAIN_TEXT, new Uint8Array(20 * 1024 ** 2 + 1).fill(97));
    expect(result).toMatchObject(rejection('too_large'));
  });

  it('is refused where nothing reads its format, with what to do', async () => {
    const mark = Buffer.from('d0cf11e0a1b11ae1'.padEnd(1024, '0'), 'hex');
    expect((await process(COMPOUND_FILE, mark)).result).toMatchObject(
      rejection('legacy_office_format'),
    );
    const locked = Buffer.concat([mark, Buffer.from('EncryptedPackage', 'utf16le')]);
    expect((await process(COMPOUND_FILE, locked)).result).toMatchObject(
      rejection('encrypted_document'),
    );
  });
});

/** Nests one element as often as this. */
const DEEP = 100_000;

describe('a hostile document', () => {
  const quick = documentProcessorWith({
    ...EXTRACTION_LIMITS,
    milliseconds: 4_000,
    mebibytes: 128,
  });

  it('that fills memory is too complex, and the next one is read', async () => {
    const blanks = pdfStream(Buffer.alloc(300 * 1024 ** 2, 32));
    const bomb = writePdf([
      '<</Type/Catalog/Pages 2 0 R>>',
      '<</Type/Pages/Count 1/Kids[3 0 R]>>',
      '<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>',
      blanks,
    ]);
    expect((await process(PDF, bomb, quick)).result).toMatchObject(
      rejection('document_too_complex'),
    );
    expect((await process(PDF, makePdf(['next']), quick)).result.kind).toBe('processed');
  });

  it('that takes for ever is too complex', async () => {
    const hasty = documentProcessorWith({
      ...EXTRACTION_LIMITS,
      milliseconds: 300,
      mebibytes: 256,
    });
    const pages = Array.from({ length: 3_000 }, (_, page) => `Page ${page}`);
    const { result } = await process(PDF, makePdf(pages), hasty);
    expect(result).toMatchObject(rejection('document_too_complex'));
  });

  it.each<[string, string, Uint8Array | string]>([
    ['nested HTML', HTML, `<html>${'<div>'.repeat(DEEP)}x`],
    [
      'HTML with tags left open and others closed',
      HTML,
      `<html>${'<b>'.repeat(DEEP)}${'</i>'.repeat(DEEP)}x`,
    ],
    ['an unfinished comment', HTML, `<html>x<!--${' '.repeat(DEEP)}`],
    ['quotations within quotations', MARKDOWN, `${'>'.repeat(DEEP)}x`],
    ['brackets left open', MARKDOWN, '['.repeat(DEEP)],
    ['emphasis left open', MARKDOWN, '*a **a '.repeat(20_000)],
    [
      'nested lists',
      MARKDOWN,
      Array.from({ length: 2_000 }, (_, at) => `${' '.repeat(at * 2)}- x`).join('\n'),
    ],
    ['nested paragraphs', DOCX, makeDocx(['<w:p>'.repeat(DEEP)])],
    ['nested arrays', PDF, writePdf([`<</Type/Catalog/Pages ${'['.repeat(DEEP)}`])],
    [
      'pages that are their own parents',
      PDF,
      writePdf(['<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Count 9/Kids[2 0 R]>>']),
    ],
    ['one letter and a million accents', PLAIN_TEXT, `a${'\u0301\u0316'.repeat(500_000)}`],
  ])('ends in a result or a reason: %s', async (_, mediaType, content) => {
    const { result } = await process(mediaType, content, quick);
    if (result.kind === 'rejected') {
      expect(result.reason.code).toMatch(/^(corrupt_document|document_too_complex)$/);
    } else {
      expect(result.kind).toBe('processed');
    }
  });

  it('does not outlive the work it was for', async () => {
    const { bench } = memoryBench();
    const taken = new AbortController();
    const upload = memoryUpload(makePdf(Array(3_000).fill('x')), { mediaType: PDF });
    const processing = documentProcessor.process(upload, { ...bench, signal: taken.signal });
    setTimeout(() => taken.abort(new Error('taken over')), 100);
    await expect(processing).rejects.toThrow('taken over');
  });
});

it('does nothing in a worker that loads it for other work', async () => {
  const module = new URL(
    '../../../src/domain/processors/document/read-in-worker.ts',
    import.meta.url,
  );
  const worker = new Worker(module, { workerData: { other: true }, execArgv: [] });
  const messages: unknown[] = [];
  worker.on('message', (message) => messages.push(message));
  expect(await new Promise((resolve) => worker.on('exit', resolve))).toBe(0);
  expect(messages).toEqual([]);
});
