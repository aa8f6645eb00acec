import { ContentError } from '../../content/content-error.ts';
import { decodeText } from './decode-text.ts';
import type { Extract } from './extraction.ts';
import { TextCollector } from './text-collector.ts';

export const extractPlainText: Extract = (bytes, limits) => {
  const body = new TextCollector(limits.characters);
  body.add(decodeDocument(bytes));
  return { format: 'text', text: body.text, isPartial: body.hasOverflowed };
};

/** @throws ContentError `unreadable_text` */
export function decodeDocument(bytes: Uint8Array): string {
  const text = decodeText(bytes);
  if (text !== undefined) return text;
  throw new ContentError(
    'unreadable_text',
    'The text is not in UTF-8, UTF-16 with a byte order mark, or EUC-KR all through. Save it as UTF-8.',
  );
}
