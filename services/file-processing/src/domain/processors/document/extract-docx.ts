import { unzipSync } from 'fflate';
import { Parser } from 'htmlparser2';
import { ContentError } from '../../content/content-error.ts';
import { hasMacros, listZip } from '../../content/zip.ts';
import { encodingByMark } from './decode-text.ts';
import type { Extract, ExtractionLimits } from './extraction.ts';
import { TextCollector } from './text-collector.ts';

const CONTENT_TYPES = '[Content_Types].xml';
const CORE_PROPERTIES = 'docProps/core.xml';
const APPLICATION_PROPERTIES = 'docProps/app.xml';

/** Parts that hold text, by their content type, in the order of reading (ECMA-376-1, 11.3). */
const TEXT_PARTS = [
  /\.(?:document|template)\.(?:macroEnabled)?(?:Template)?\.?main\+xml$/i,
  /\.footnotes\+xml$/,
  /\.endnotes\+xml$/,
];

/** Bytes of XML that are parsed between two looks at the limit. */
const SLICE = 65_536;

/** The words of a document and its notes, as they stand when all changes are accepted. */
export const extractDocx: Extract = async (bytes, limits) => {
  const entries = await listZip(async ({ from, to }) => bytes.subarray(from, to + 1), bytes.length);
  const types = contentTypes(inflate(bytes, [CONTENT_TYPES]).get(CONTENT_TYPES));
  if (hasMacros(entries) || [...types.values()].some((type) => /macroEnabled/i.test(type))) {
    throw new ContentError(
      'macros_not_allowed',
      'The document holds macros. Save it as DOCX without macros and upload it again.',
    );
  }
  const textParts = TEXT_PARTS.flatMap((part) =>
    [...types].filter(([, type]) => part.test(type)).map(([name]) => name),
  );
  const parts = inflate(bytes, [...textParts, CORE_PROPERTIES, APPLICATION_PROPERTIES]);
  if (parts.get(textParts[0] ?? '') === undefined) throw new Error('There is no main part.');
  const core = properties(parts.get(CORE_PROPERTIES));
  const pages = Number(properties(parts.get(APPLICATION_PROPERTIES)).get('pages'));
  return {
    format: 'docx',
    ...readParts(
      textParts.flatMap((name) => parts.get(name) ?? []),
      limits,
    ),
    title: core.get('title'),
    declaredLanguage: core.get('language'),
    pages: Number.isInteger(pages) && pages > 0 && pages < 1e6 ? pages : undefined,
  };
};

/** Inflates these entries only, each to no more bytes than its directory declares. */
function inflate(archive: Uint8Array, names: readonly string[]): Map<string, Uint8Array> {
  return new Map(
    Object.entries(unzipSync(archive, { filter: ({ name }) => names.includes(name) })),
  );
}

/** Content types by the name of the part. */
function contentTypes(part: Uint8Array | undefined): Map<string, string> {
  const types = new Map<string, string>();
  if (part === undefined) throw new Error('There are no content types.');
  parseXml(part, {
    onopentag(name, { PartName, ContentType }) {
      if (name !== 'Override' || PartName === undefined || ContentType === undefined) return;
      types.set(PartName.replace(/^\//, ''), ContentType);
    },
  });
  return types;
}

/** Texts of the elements below the root, by their local names in lower case. */
function properties(part: Uint8Array | undefined): Map<string, string> {
  const found = new Map<string, string>();
  if (part === undefined || part.length > 1024 ** 2) return found;
  let current = '';
  parseXml(part, {
    onopentag(name) {
      current = localName(name).toLowerCase();
    },
    ontext(text) {
      found.set(current, (found.get(current) ?? '') + text);
    },
    onclosetag() {
      current = '';
    },
  });
  return found;
}

/** Deleted or moved away, drawn a second time for old readers, or a tab stop and not a tab. */
const UNREAD = new Set(['del', 'moveFrom', 'Fallback', 'pPr', 'instrText']);
const BREAKS = new Set(['br', 'cr', 'p', 'tr']);

function readParts(parts: readonly Uint8Array[], limits: ExtractionLimits) {
  const body = new TextCollector(limits.characters);
  for (const part of parts) {
    let unread = 0;
    let isText = false;
    parseXml(
      part,
      {
        onopentag(qualified) {
          const name = localName(qualified);
          if (UNREAD.has(name)) unread += 1;
          if (unread > 0) return;
          isText = name === 't';
          if (name === 'tab') body.add('\t');
          if (name === 'noBreakHyphen') body.add('-');
        },
        ontext(text) {
          if (isText && unread === 0) body.add(text);
        },
        onclosetag(qualified) {
          const name = localName(qualified);
          isText = false;
          if (UNREAD.has(name)) unread -= 1;
          if (unread === 0 && BREAKS.has(name)) body.breakLine();
          if (unread === 0 && name === 'tc') body.add(' ');
        },
      },
      () => body.hasOverflowed,
    );
    body.breakLine();
  }
  return { text: body.text, isPartial: body.hasOverflowed };
}

type Handler = NonNullable<ConstructorParameters<typeof Parser>[0]>;

/** Knows no document type declaration: entities of a file's own stay as they are written. */
function parseXml(part: Uint8Array, handler: Handler, isEnough = () => false): void {
  const decoder = new TextDecoder(encodingByMark(part) ?? 'utf-8');
  const parser = new Parser(handler, { xmlMode: true });
  for (let at = 0; at < part.length && !isEnough(); at += SLICE) {
    parser.write(decoder.decode(part.subarray(at, at + SLICE), { stream: true }));
  }
  parser.end();
}

function localName(qualified: string): string {
  return qualified.slice(qualified.indexOf(':') + 1);
}
