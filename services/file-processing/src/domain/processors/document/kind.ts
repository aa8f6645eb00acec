import type { Kind, Sample } from '../../kind.ts';
import { decodeText } from './decode-text.ts';
import { COMPOUND_FILE, DOCX, HTML, MARKDOWN, PDF, PLAIN_TEXT } from './media-types.ts';
import { beginsWithTag, hasHtmlRoot } from './recognise-html.ts';

const MARKDOWN_NAME = /\.(?:md|markdown|mdown|mkd)$/i;
const COMPOUND_FILE_MARK = 'd0cf11e0a1b11ae1';
/** APPNOTE 4.3.7 */
const LOCAL_HEADER = Buffer.from('PK\u0003\u0004', 'latin1');
/** Signatures of formats that are text: what `file-type` calls XML may well be XHTML. */
const TEXT_SIGNATURE = /^(?:text\/|application\/(?:xml|xhtml\+xml|json)$)/;

export const documentKind: Kind = {
  name: 'document',
  version: 1,
  accepts: 'PDF, DOCX, HTML, Markdown and plain text documents',
  maxBytes: 50 * 1024 ** 2,
  recognize(sample) {
    if (sample.compression !== undefined || sample.bytes.length === 0) return undefined;
    const bytes = Buffer.from(sample.bytes.buffer, sample.bytes.byteOffset, sample.bytes.length);
    return recognizeBinary(bytes, sample.signature) ?? recognizeText(bytes, sample);
  },
};

function recognizeBinary(bytes: Buffer, signature: string | undefined): string | undefined {
  if (isPdf(bytes, signature)) return PDF;
  if (isWordArchive(bytes, signature)) return DOCX;
  return bytes.toString('hex', 0, 8) === COMPOUND_FILE_MARK ? COMPOUND_FILE : undefined;
}

/**
 * Readers accept the header anywhere in the first 1,024 bytes (Adobe's implementation note 13 to PDF
 * 1.7). Behind something else it must not be prose about PDF: then there is an object, too.
 */
function isPdf(bytes: Buffer, signature: string | undefined): boolean {
  const head = bytes.toString('latin1', 0, 1024);
  if (/^(?:\xef\xbb\xbf)?\s{0,8}%PDF-/.test(head)) return true;
  if (signature !== undefined && signature !== PDF) return false;
  return /%PDF-\d\.\d/.test(head) && /\d \d{1,5} obj\b/.test(bytes.toString('latin1'));
}

function isWordArchive(bytes: Buffer, signature: string | undefined): boolean {
  if (!bytes.subarray(0, 4).equals(LOCAL_HEADER)) return false;
  if (signature?.includes('ms-word.') || signature?.includes('wordprocessingml.')) return true;
  return localNames(bytes).some((name) => name.startsWith('word/'));
}

/** As many as the sample shows. */
function localNames(bytes: Buffer): string[] {
  const names: string[] = [];
  for (
    let at = bytes.indexOf(LOCAL_HEADER);
    at >= 0 && at + 30 <= bytes.length;
    at = bytes.indexOf(LOCAL_HEADER, at + 4)
  ) {
    names.push(bytes.toString('latin1', at + 30, at + 30 + bytes.readUInt16LE(at + 26)));
  }
  return names;
}

function recognizeText(
  bytes: Buffer,
  { signature, name, declaredType }: Sample,
): string | undefined {
  if (signature !== undefined && !TEXT_SIGNATURE.test(signature)) return undefined;
  const text = decodeText(bytes);
  // HTML may be in any encoding that it names; its tags are ASCII in nearly all of them.
  const tags = text ?? (bytes.includes(0) ? '' : bytes.toString('latin1'));
  if (hasHtmlRoot(tags)) return HTML;
  const isCalledMarkdown = MARKDOWN_NAME.test(name) || declaredType === MARKDOWN;
  if (text !== undefined && (isCalledMarkdown || looksLikeMarkdown(text))) return MARKDOWN;
  if (beginsWithTag(tags)) return HTML;
  return text === undefined ? undefined : PLAIN_TEXT;
}

/** A `#` may be a comment and a bracket an index; two different marks are hardly chance. */
function looksLikeMarkdown(text: string): boolean {
  const marks = [/^#{1,6} \S/m, /^(?:```|~~~)/m, /\]\(https?:\/\//];
  return marks.filter((mark) => mark.test(text)).length >= 2;
}
