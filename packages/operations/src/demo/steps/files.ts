import type { FileResource, UploadTicket } from '@millrace/types';
import sharp from 'sharp';
import type { DemoContext } from '../context.ts';
import { describeFile, isDecided } from '../describe-file.ts';
import type { Outcome } from '../report.ts';
import type { SampleFile } from '../samples/sample-file.ts';
import { sideBySide } from '../side-by-side.ts';
import { watch } from '../waiting.ts';

export interface SentFile {
  readonly file: SampleFile;
  readonly fileId: string;
  readonly outcome: Outcome;
}

/** Announces, uploads and waits for every file, a few side by side. */
export async function sendFiles(
  context: DemoContext,
  files: readonly SampleFile[],
): Promise<SentFile[]> {
  return sideBySide(2, files, (file, index) => sendFile(context, file, `file-${index}`));
}

async function sendFile(context: DemoContext, file: SampleFile, key: string): Promise<SentFile> {
  const since = performance.now();
  const ticket = await context.api.post(
    '/uploads',
    { fileName: file.name, contentType: file.contentType, size: file.bytes.length },
    { 'idempotency-key': `${context.tenant}-${key}` },
  );
  if (ticket.status !== 201)
    return refused(file, `the upload was refused with ${ticket.status}`, since);
  const { fileId, upload } = ticket.body as UploadTicket;
  if (upload.kind !== 'single') return refused(file, `a ${upload.kind} upload was offered`, since);
  await put(upload.url, upload.headers, file.bytes);
  const { value, latencyMs } = await watch(
    async () => (await context.api.get(`/files/${fileId}`)).body as FileResource,
    isDecided,
    { since, timeoutMs: context.timeoutMs },
  );
  return { file, fileId, outcome: await judge(context, file, value, latencyMs) };
}

function refused(file: SampleFile, result: string, since: number): SentFile {
  return {
    file,
    fileId: '',
    outcome: {
      area: 'files',
      input: file.name,
      result,
      latencyMs: performance.now() - since,
      expected: 'an upload URL',
    },
  };
}

/** A PUT of the same bytes may be repeated, so a lost connection is no reason to give up. */
async function put(url: string, headers: Record<string, string>, bytes: Buffer): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(bytes) });
      if (response.ok) return;
      throw new Error(
        `PUT of the upload was answered ${response.status}: ${await response.text()}`,
      );
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

async function judge(
  context: DemoContext,
  file: SampleFile,
  resource: FileResource,
  latencyMs: number,
): Promise<Outcome> {
  const outcome = { area: 'files', input: file.name, latencyMs } as const;
  const result = describeFile(resource);
  const { expected } = file;
  const judged = (isRight: boolean, wanted: string) =>
    isRight ? { ...outcome, result } : { ...outcome, result, expected: wanted };
  if (expected.status === 'rejected') {
    const isRejected = resource.status === 'rejected' && resource.reason !== undefined;
    return judged(isRejected, 'rejected with a reason');
  }
  if (expected.status === 'failed') {
    const wanted = `failed: ${expected.code}`;
    return judged(result === wanted, wanted);
  }
  if ('result' in expected) return judged(result === expected.result, expected.result);
  const { width, height } = expected;
  const wanted = context.ladder
    .filter((rung) => rung <= width)
    .map((rung) => `${rung}×${Math.round((height * rung) / width)}`);
  const made = await Promise.all(
    resource.renditions.map((rendition) => decodedSize(rendition.url)),
  );
  const isRight =
    resource.status === 'ready' &&
    resource.image?.width === width &&
    resource.image.height === height &&
    sameMembers([...new Set(made)], wanted);
  return judged(isRight, `${width}×${height} px with ${wanted.join(', ')}`);
}

/** What a viewer gets: the picture is fetched and decoded, the recorded size is not believed. */
async function decodedSize(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) return `HTTP ${response.status}`;
  const { info } = await sharp(await response.arrayBuffer())
    .raw()
    .toBuffer({ resolveWithObject: true });
  return `${info.width}×${info.height}`;
}

function sameMembers(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && [...left].sort().join() === [...right].sort().join();
}
