import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { ContentError } from '../../content/content-error.ts';
import type { ExtractionLimits } from './extraction.ts';
import type { ReadDocument } from './read-document.ts';
import { tooComplex } from './too-complex.ts';

export interface WorkerLimits extends ExtractionLimits {
  readonly milliseconds: number;
  /** MiB of objects, and again of buffers, which the engine counts apart. */
  readonly mebibytes: number;
}

interface Task {
  readonly mediaType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly limits: ExtractionLimits;
}

type Message =
  | { readonly kind: 'progress'; readonly percent: number }
  | { readonly kind: 'read'; readonly document: ReadDocument }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/** Names our tasks among those of any other worker that loads this module. */
const TASK = 'millrace.read-document';
const WATCH_EVERY_MS = 50;

/**
 * Reads in a thread of its own, which can be stopped: a document that hangs its reader, or makes
 * it fill the memory, costs that thread and not the function. The bytes are handed over; the caller
 * has them no more.
 *
 * @throws ContentError for what is wrong with the content; `document_too_complex` beyond the limits
 * @throws the signal's reason when it is aborted
 */
export async function readInWorker(
  task: Omit<Task, 'limits'>,
  { milliseconds, mebibytes, ...limits }: WorkerLimits,
  signal: AbortSignal,
  onProgress: (percent: number) => void,
): Promise<ReadDocument> {
  signal.throwIfAborted();
  // This module is the worker's entry, or is bundled into it: no second file has to be deployed.
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { [TASK]: { ...task, limits } satisfies Task },
    transferList: [task.bytes.buffer],
    resourceLimits: { maxOldGenerationSizeMb: mebibytes },
    execArgv: [],
  });
  const ended = Promise.withResolvers<ReadDocument>();
  worker.on('message', (message: Message) => {
    if (message.kind === 'progress') onProgress(message.percent);
    if (message.kind === 'read') ended.resolve(message.document);
    if (message.kind === 'refused') ended.reject(new ContentError(message.code, message.message));
  });
  worker.on('error', (error) => ended.reject(isOutOfMemory(error) ? tooComplex() : error));
  worker.on('exit', () => ended.reject(new Error('The worker ended without an answer.')));
  const stop = () => ended.reject(signal.reason);
  signal.addEventListener('abort', stop);
  const timer = setTimeout(() => ended.reject(tooComplex()), milliseconds);
  const watch = setInterval(async () => {
    // Fails when the worker is about to end, which then is told by its own events.
    const memory = await worker.getHeapStatistics().catch(() => undefined);
    if ((memory?.external_memory ?? 0) > mebibytes * 1024 ** 2) ended.reject(tooComplex());
  }, WATCH_EVERY_MS);
  try {
    return await ended.promise;
  } finally {
    clearInterval(watch);
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    // Not awaited: native code is not stopped before it ends by itself.
    void worker.terminate();
  }
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

async function serve({ mediaType, bytes, limits }: Task, post: (message: Message) => void) {
  // Only here: the thread that waits never needs the readers.
  const { readDocument } = await import('./read-document.ts');
  try {
    const document = await readDocument(mediaType, bytes, limits, (percent) =>
      post({ kind: 'progress', percent }),
    );
    post({ kind: 'read', document });
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    post({ kind: 'refused', code: error.code, message: error.message });
  }
}

if (!isMainThread && parentPort !== null && workerData?.[TASK] !== undefined) {
  const port = parentPort;
  await serve(workerData[TASK], (message) => port.postMessage(message));
}
