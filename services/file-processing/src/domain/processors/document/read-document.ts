import type { DocumentFacts } from '@millrace/types';
import { ContentError } from '../../content/content-error.ts';
import { extractCompoundFile } from './extract-compound-file.ts';
import { extractDocx } from './extract-docx.ts';
import { extractHtml } from './extract-html.ts';
import { extractMarkdown } from './extract-markdown.ts';
import { extractPdf } from './extract-pdf.ts';
import { extractPlainText } from './extract-plain-text.ts';
import type { Extract, Extraction, ExtractionLimits } from './extraction.ts';
import { COMPOUND_FILE, DOCX, HTML, MARKDOWN, PDF, PLAIN_TEXT } from './media-types.ts';
import { countCodePoints, countWords, normaliseText } from './normalise-text.ts';
import { tellLanguage } from './tell-language.ts';
import { tooComplex } from './too-complex.ts';

export interface ReadDocument {
  readonly facts: DocumentFacts;
  /** Normalised. */
  readonly text: string;
}

const FORMATS: Readonly<Record<string, Extract>> = {
  [PDF]: extractPdf,
  [DOCX]: extractDocx,
  [HTML]: extractHtml,
  [MARKDOWN]: extractMarkdown,
  [PLAIN_TEXT]: extractPlainText,
  [COMPOUND_FILE]: extractCompoundFile,
};

const MAX_TITLE = 300;

/** @throws ContentError */
export async function readDocument(
  mediaType: string,
  bytes: Uint8Array,
  limits: ExtractionLimits,
  onProgress: (percent: number) => void = () => {},
): Promise<ReadDocument> {
  const extract = FORMATS[mediaType];
  if (extract === undefined) throw new TypeError(`Nothing reads ${mediaType}.`);
  try {
    return describe(await extract(bytes, limits, onProgress));
  } catch (error) {
    throw contentError(error);
  }
}

function describe({
  format,
  title,
  pages,
  isPartial,
  declaredLanguage,
  ...extraction
}: Extraction): ReadDocument {
  const text = normaliseText(extraction.text);
  const shownTitle = normaliseText(title ?? '').replace(/\s+/g, ' ');
  const language = tellLanguage(text, declaredLanguage);
  const facts: DocumentFacts = {
    format,
    ...(shownTitle && { title: [...shownTitle].slice(0, MAX_TITLE).join('') }),
    ...(language && { language }),
    ...(pages !== undefined && { pages }),
    characters: countCodePoints(text),
    words: countWords(text),
    ...(isPartial && { partial: true }),
  };
  return { facts, text };
}

/** Reading is a function of the bytes: what it throws is about them, and would be thrown again. */
function contentError(error: unknown): ContentError {
  if (error instanceof ContentError) return error;
  if (isTooDeep(error)) return tooComplex();
  return new ContentError(
    'corrupt_document',
    'The document is damaged or incomplete. Save it again and upload it again.',
    { cause: error },
  );
}

/** The stack or an array would grow beyond what the engine has. */
function isTooDeep(error: unknown): boolean {
  return error instanceof RangeError && /call stack|array|length|allocation/i.test(error.message);
}
