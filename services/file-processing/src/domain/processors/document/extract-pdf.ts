import { getDocumentProxy } from 'unpdf';
import { ContentError } from '../../content/content-error.ts';
import type { Extract } from './extraction.ts';
import { TextCollector } from './text-collector.ts';

type Document = Awaited<ReturnType<typeof getDocumentProxy>>;

/**
 * The text of the pages, as far as it is text: a scanned page has none. Nothing is drawn, loaded or
 * run. A file that asks for no password to be read is read, whatever else it forbids.
 */
export const extractPdf: Extract = async (bytes, limits, onProgress) => {
  let lacksCharacterMap = false;
  const document = await openDocument(bytes, () => {
    lacksCharacterMap = true;
  });
  const body = new TextCollector(limits.characters);
  const pages = document.numPages;
  const readable = Math.min(pages, limits.pages);
  let damaged = 0;
  let read = 0;
  for (; read < readable && !body.hasOverflowed; read += 1) {
    if (!(await addPage(document, read + 1, body))) damaged += 1;
    onProgress(((read + 1) / readable) * 100);
  }
  if (read > 0 && damaged === read) throw new Error('No page can be read.');
  return {
    format: 'pdf',
    text: body.text,
    ...(await describe(document)),
    pages,
    isPartial: body.hasOverflowed || damaged > 0 || read < pages || lacksCharacterMap,
  };
};

async function openDocument(
  bytes: Uint8Array,
  onCharacterMapMissing: () => void,
): Promise<Document> {
  try {
    return await getDocumentProxy(bytes, {
      verbosity: 0,
      disableFontFace: true,
      useSystemFonts: false,
      useWasm: false,
      useWorkerFetch: false,
      enableXfa: false,
      BinaryDataFactory: noFiles(onCharacterMapMissing),
    });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'PasswordException') throw error;
    throw new ContentError(
      'encrypted_document',
      'The document asks for a password. Save it without one and upload it again.',
    );
  }
}

/**
 * Adobe's predefined character maps are larger than the rest of the function. Without one the text
 * that needs it is lost, which has to be told; fonts are only for drawing.
 */
function noFiles(onCharacterMapMissing: () => void) {
  return class {
    async fetch({ kind, filename }: { readonly kind: string; readonly filename: string }) {
      if (kind === 'cMapUrl') onCharacterMapMissing();
      throw new Error(`${filename} is not deployed.`);
    }
  };
}

/** @returns false where the page is damaged */
async function addPage(document: Document, number: number, body: TextCollector): Promise<boolean> {
  try {
    const page = await document.getPage(number);
    const { items } = await page.getTextContent();
    for (const item of items) {
      if ('str' in item) body.add(item.hasEOL ? `${item.str}\n` : item.str);
    }
    body.add('\n\n');
    page.cleanup();
    return true;
  } catch {
    return false;
  }
}

async function describe(document: Document) {
  const { info, metadata } = await document
    .getMetadata()
    .catch(() => ({ info: {}, metadata: null }));
  const { Title, Language } = info as { readonly Title?: unknown; readonly Language?: unknown };
  return {
    title: textOf(Title) ?? textOf(metadata?.get('dc:title')),
    declaredLanguage: textOf(Language),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
