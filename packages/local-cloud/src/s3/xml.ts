import { XMLParser } from 'fast-xml-parser';
import { S3Error } from './errors.ts';

export const S3_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** `undefined` renders nothing; an array repeats its element. */
export type XmlValue =
  | string
  | number
  | boolean
  | undefined
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue };

export function renderXml(root: string, content: XmlValue, namespace = S3_NAMESPACE): string {
  const attribute = namespace ? ` xmlns="${namespace}"` : '';
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${attribute}>${renderValue(content)}</${root}>`;
}

function renderValue(value: XmlValue): string {
  if (value === undefined) return '';
  if (typeof value !== 'object') return escapeXml(String(value));
  return Object.entries(value)
    .flatMap(([name, child]) => (Array.isArray(child) ? child : [child]).map((one) => [name, one]))
    .map(([name, child]) => (child === undefined ? '' : `<${name}>${renderValue(child)}</${name}>`))
    .join('');
}

const NAMED: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Control characters go out as references, as AWS sends them: a bare CR would be read as LF. */
function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to escape
  return text.replace(/[&<>"'\u0000-\u001f\u007f]/g, (character) => {
    return NAMED[character] ?? `&#x${character.charCodeAt(0).toString(16)};`;
  });
}

/** An element of a request document: text, or children by name. */
export type XmlElement = string | { readonly [name: string]: readonly XmlElement[] };

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  removeNSPrefix: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  processEntities: true,
  htmlEntities: true,
  isArray: () => true,
});

/**
 * Parses a request document whose root must be `root`.
 *
 * @throws S3Error MalformedXML
 */
export function parseXml(text: string, root: string): XmlElement {
  // A document type could define entities; no S3 client sends one.
  if (/<!DOCTYPE/i.test(text)) throw new S3Error('MalformedXML');
  try {
    const document: Record<string, XmlElement[]> = parser.parse(text, true);
    const element = document[root]?.[0];
    if (element !== undefined) return element;
  } catch (cause) {
    throw new S3Error('MalformedXML', { cause });
  }
  throw new S3Error('MalformedXML');
}

export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return typeof element === 'object' ? (element[name] ?? []) : [];
}

export function textsOf(element: XmlElement | undefined, name: string): string[] {
  return childrenOf(element, name).map((child) => (typeof child === 'string' ? child : ''));
}

export function textOf(element: XmlElement | undefined, name: string): string | undefined {
  return textsOf(element, name)[0];
}
