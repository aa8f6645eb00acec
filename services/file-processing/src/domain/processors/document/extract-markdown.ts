import { marked } from 'marked';
import { readHtml } from './extract-html.ts';
import { decodeDocument } from './extract-plain-text.ts';
import type { Extract } from './extraction.ts';

/** What Jekyll and its heirs put before the text. */
const FRONT_MATTER = /^---[ \t]*\n([\s\S]{0,10000}?)\n---[ \t]*(?:\n|$)/;

/** By way of HTML, since Markdown may hold any of it. */
export const extractMarkdown: Extract = (bytes, limits) => {
  const source = decodeDocument(bytes).replace(/\r\n?/g, '\n');
  const [matter = '', fields = ''] = FRONT_MATTER.exec(source) ?? [];
  const html = marked.parse(source.slice(matter.length), { async: false });
  const { title, ...read } = readHtml(html, limits);
  return { format: 'markdown', ...read, title: field(fields, 'title') ?? title };
};

function field(fields: string, name: string): string | undefined {
  const line = fields.split('\n').find((text) => text.startsWith(`${name}:`));
  return line
    ?.slice(name.length + 1)
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2');
}
