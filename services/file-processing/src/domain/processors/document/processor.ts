import type { StoredRendition } from '@millrace/types';
import { ContentError } from '../../content/content-error.ts';
import {
  type Processed,
  type Processor,
  rejected,
  type Upload,
  type Workbench,
} from '../../processor.ts';
import { EXTRACTION_LIMITS } from './extraction.ts';
import { HTML, MARKDOWN, PLAIN_TEXT } from './media-types.ts';
import type { ReadDocument } from './read-document.ts';
import { readInWorker, type WorkerLimits } from './read-in-worker.ts';

const MAX_TEXT_BYTES = 20 * 1024 ** 2;
const TEXT_TYPES = new Set([HTML, MARKDOWN, PLAIN_TEXT]);

/** The function needs about 400 MiB beside them, and half a minute. */
const WORKER_LIMITS: WorkerLimits = { ...EXTRACTION_LIMITS, milliseconds: 120_000, mebibytes: 512 };

export const documentProcessor: Processor = documentProcessorWith(WORKER_LIMITS);

/** Text, title, language and pages of a document. The text is kept as `text.txt`. */
export function documentProcessorWith(limits: WorkerLimits): Processor {
  return {
    async process(upload, workbench) {
      if (TEXT_TYPES.has(upload.mediaType) && upload.size > MAX_TEXT_BYTES) {
        return rejected('too_large', 'HTML, Markdown and plain text may have up to 20 MiB.');
      }
      try {
        return await keep(await readUpload(upload, limits, workbench), workbench);
      } catch (error) {
        if (!(error instanceof ContentError)) throw error;
        return rejected(error.code, error.message);
      }
    },
  };
}

async function readUpload(
  upload: Upload,
  limits: WorkerLimits,
  { signal, progress }: Workbench,
): Promise<ReadDocument> {
  const task = { mediaType: upload.mediaType, bytes: await bytesOf(upload) };
  let told: Promise<void> = Promise.resolve();
  const document = await readInWorker(task, limits, signal, (percent) => {
    told = told.then(() => progress(Math.floor(percent * 0.95)));
    // A failure is thrown below; until then it must not count as unhandled.
    told.catch(() => {});
  });
  await told;
  return document;
}

/** In a buffer of its own, which can be handed to a thread. */
async function bytesOf(upload: Upload): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(upload.size);
  let at = 0;
  for await (const chunk of upload.read()) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

async function keep({ facts, text }: ReadDocument, workbench: Workbench): Promise<Processed> {
  const { title, language } = facts;
  return {
    kind: 'processed',
    facts: { document: facts },
    renditions: text === '' ? [] : [await storeText(text, workbench)],
    findable: { text, ...(title && { title }), ...(language && { language }) },
  };
}

function storeText(text: string, workbench: Workbench): Promise<StoredRendition> {
  return workbench.store({
    name: 'text',
    extension: 'txt',
    contentType: 'text/plain; charset=utf-8',
    body: new TextEncoder().encode(text),
  });
}
