import { SaxesParser, type SaxesTagNS } from 'saxes';
import {
  ALLOWED_ELEMENTS,
  ALLOWED_INSTRUCTIONS,
  EMBEDDED_PICTURE,
  isNoteOfEditor,
  SVG_NAMESPACE,
} from './allowed.ts';
import { checkExpansion, MAX_DEPTH, type Node } from './expansion.ts';
import { checkStyle, localReferences } from './style-text.ts';
import { MalformedSvg, UnsafeSvg } from './unsafe-svg.ts';

/**
 * Reads all of the file and refuses what could load something, run something, or be far more than it
 * seems. The list says what is allowed: what SVG will have tomorrow is refused.
 *
 * @returns the pictures that lie in the file itself, as base64
 * @throws UnsafeSvg, MalformedSvg
 */
export function checkSvg(bytes: Uint8Array): string[] {
  const parser = new SaxesParser({ xmlns: true });
  const root: Node = { children: [], references: [] };
  const path = [root];
  const byId = new Map<string, Node>();
  const pictures: string[] = [];
  let style: string | undefined;

  parser.on('error', () => {
    throw new MalformedSvg('The file is no well-formed XML.');
  });
  parser.on('xmldecl', ({ encoding }) => {
    // Whoever draws would read other characters than were checked.
    if (encoding !== undefined && !/^(utf-8|us-ascii)$/i.test(encoding))
      throw new UnsafeSvg('is not written in UTF-8');
  });
  parser.on('doctype', (doctype) => {
    if (doctype.includes('[')) throw new UnsafeSvg('defines entities');
  });
  parser.on('processinginstruction', ({ target }) => {
    if (!ALLOWED_INSTRUCTIONS.has(target)) throw new UnsafeSvg(`has the instruction ${target}`);
  });
  parser.on('opentag', (tag) => {
    const node: Node = { children: [], references: referencesOf(tag, pictures) };
    path.at(-1)?.children.push(node);
    path.push(node);
    // Every element's namespace is looked for along all that are open.
    if (path.length > MAX_DEPTH) throw new UnsafeSvg('is nested too deeply');
    const id = tag.attributes.id?.value;
    if (id !== undefined && !byId.has(id)) byId.set(id, node);
    if (tag.local === 'style') style = '';
  });
  const addStyle = (text: string) => {
    if (style !== undefined) style += text;
  };
  parser.on('text', addStyle);
  parser.on('cdata', addStyle);
  parser.on('closetag', ({ local }) => {
    path.pop();
    if (local !== 'style') return;
    checkStyle(style ?? '');
    style = undefined;
  });

  parser.write(textOf(bytes)).close();
  checkExpansion(root, byId);
  return pictures;
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new MalformedSvg('The file is not written in UTF-8.');
  }
}

function referencesOf(tag: SaxesTagNS, pictures: string[]): string[] {
  const isNote = isNoteOfEditor(tag.uri);
  const isSvg = tag.uri === SVG_NAMESPACE || tag.uri === '';
  if (!isNote && !(isSvg && ALLOWED_ELEMENTS.has(tag.local)))
    throw new UnsafeSvg(`has the element <${tag.name.slice(0, 40)}>`);
  return Object.values(tag.attributes).flatMap(({ local, prefix, uri, value }) => {
    if (prefix === 'xmlns' || local === 'xmlns') return [];
    if (isNote || isNoteOfEditor(uri)) return [];
    if (local.toLowerCase().startsWith('on')) throw new UnsafeSvg('runs scripts');
    if (local === 'base') throw new UnsafeSvg('refers to something outside of itself');
    if (local === 'href' || local === 'src') return linked(tag.local, value, pictures);
    if (local === 'style') checkStyle(value);
    return localReferences(value);
  });
}

function linked(element: string, href: string, pictures: string[]): string[] {
  const target = href.trim();
  if (target.startsWith('#')) return element === 'a' ? [] : [target.slice(1)];
  const embedded = element === 'image' && EMBEDDED_PICTURE.exec(target);
  if (!embedded) throw new UnsafeSvg('refers to something outside of itself');
  pictures.push(target.slice(embedded[0].length));
  return [];
}
