import { Parser } from 'htmlparser2';
import { decodeText, encodingByMark } from './decode-text.ts';
import type { Extract, Extraction, ExtractionLimits } from './extraction.ts';
import { TextCollector } from './text-collector.ts';

const UNSEEN = new Set([
  ...['script', 'style', 'template', 'noscript', 'iframe', 'object', 'svg', 'math', 'canvas'],
  ...['audio', 'video'],
]);

const BLOCKS = new Set([
  ...['address', 'article', 'aside', 'blockquote', 'body', 'br', 'caption', 'dd', 'details'],
  ...['dialog', 'div', 'dl', 'dt', 'fieldset', 'figcaption', 'figure', 'footer', 'form'],
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'header', 'hr', 'legend', 'li', 'main', 'nav', 'ol'],
  ...['option', 'p', 'pre', 'section', 'summary', 'table', 'tr', 'ul'],
]);

/** Code units that are parsed between two looks at the limit. */
const SLICE = 65_536;

export const extractHtml: Extract = (bytes, limits) => ({
  format: 'html',
  ...readHtml(decodeHtml(bytes), limits),
});

/**
 * The text that a reader would see, its lines as the blocks make them. Nothing is loaded and nothing
 * is run. The title is that of the head, else the first heading.
 */
export function readHtml(html: string, limits: ExtractionLimits): Omit<Extraction, 'format'> {
  const body = new TextCollector(limits.characters);
  const title = new TextCollector(1_000);
  const heading = new TextCollector(1_000);
  let language: string | undefined;
  // How many elements of each sort are open around what is read.
  const open = { unseen: 0, title: 0, heading: 0, preformatted: 0 };

  const enter = (name: string, step: 1 | -1) => {
    if (UNSEEN.has(name)) open.unseen += step;
    if (name === 'title') open.title += step;
    if (name === 'pre' || name === 'textarea') open.preformatted += step;
    if (name === 'h1' && (step === -1 || heading.text === '')) open.heading += step;
  };
  const parser = new Parser({
    onopentag(name, { lang }) {
      if (name === 'html') language ??= lang;
      if (BLOCKS.has(name)) body.breakLine();
      enter(name, 1);
    },
    onclosetag(name) {
      enter(name, -1);
      if (BLOCKS.has(name)) body.breakLine();
      if (name === 'td' || name === 'th') body.add(' ');
    },
    ontext(text) {
      if (open.unseen > 0) return;
      if (open.title > 0) return title.add(text);
      const seen = open.preformatted > 0 ? text : text.replace(/\s+/g, ' ');
      if (seen === ' ' && body.isAtLineStart) return;
      body.add(seen);
      if (open.heading > 0) heading.add(seen);
    },
  });
  for (let at = 0; at < html.length && !body.hasOverflowed; at += SLICE) {
    parser.write(html.slice(at, at + SLICE));
  }
  parser.end();
  return {
    text: body.text,
    title: title.text.trim() || heading.text.trim(),
    declaredLanguage: language,
    isPartial: body.hasOverflowed,
  };
}

/** https://html.spec.whatwg.org/#determining-the-character-encoding, as far as bytes alone tell it. */
function decodeHtml(bytes: Uint8Array): string {
  const label = encodingByMark(bytes) ?? declaredEncoding(bytes);
  if (label === undefined)
    return decodeText(bytes) ?? new TextDecoder('windows-1252').decode(bytes);
  return new TextDecoder(label).decode(bytes);
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 1024)).toString('latin1');
  const [, label] = /<meta[^>]{0,200}?charset\s{0,8}=\s{0,8}["']?([\w.:-]{1,40})/i.exec(head) ?? [];
  try {
    return label && new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}
