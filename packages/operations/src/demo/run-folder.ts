import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { FileResource, UploadTicket } from '@millrace/types';
import { fileTypeFromFile } from 'file-type';
import { type ApiClient, createApiClient } from './api-client.ts';
import { describeFile, isDecided } from './describe-file.ts';
import { type DemoReport, type Outcome, summarize } from './report.ts';
import type { DemoOptions } from './run-demo.ts';
import { sideBySide } from './side-by-side.ts';
import { signIn } from './sign-in.ts';
import { watch } from './waiting.ts';

/** Uploads every file of a folder and shows what came of it: renditions, or a verdict with its reason. */
export async function runFolder(
  folder: string,
  { targets, timeoutMs, onProgress }: DemoOptions,
): Promise<DemoReport> {
  const files = await filesIn(folder);
  if (files.length === 0)
    throw new Error(`There is no file in ${folder}: name a folder that holds files.`);
  const runId = randomUUID().slice(0, 8);
  const api = createApiClient(targets.apiUrl, await signIn(targets, `demo-${runId}`));
  let done = 0;
  const outcomes = await sideBySide(2, files, async (file) => {
    const outcome = await sendFile(api, file, timeoutMs);
    done += 1;
    onProgress(`${done} of ${files.length}: ${basename(file)}`);
    return outcome;
  });
  return summarize(runId, false, outcomes);
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(folder, entry.name))
    .sort();
}

async function sendFile(api: ApiClient, path: string, timeoutMs: number): Promise<Outcome> {
  const since = performance.now();
  const { size } = await stat(path);
  const outcome = (result: string, expected?: string): Outcome => ({
    area: 'files',
    input: basename(path),
    result,
    latencyMs: performance.now() - since,
    ...(expected === undefined ? {} : { expected }),
  });
  const contentType = (await fileTypeFromFile(path))?.mime ?? 'application/octet-stream';
  const answer = await api.post('/uploads', { fileName: basename(path), contentType, size });
  if (answer.status === 400 || answer.status === 422)
    return outcome(`refused: ${JSON.stringify(answer.body)}`);
  if (answer.status !== 201) return outcome(`HTTP ${answer.status}`, 'an upload URL');
  const ticket = answer.body as UploadTicket;
  await upload(api, path, ticket);
  const { value, done } = await watch(
    async () => (await api.get(`/files/${ticket.fileId}`)).body as FileResource,
    isDecided,
    { since, timeoutMs },
  );
  if (!done) return outcome(`still ${value.status}`, 'a result or a verdict');
  if (value.status === 'rejected' || value.status === 'failed') {
    return outcome(`${value.status}: ${value.reason?.message ?? value.reason?.code}`);
  }
  return outcome(describeFile(value));
}

async function upload(
  api: ApiClient,
  path: string,
  { fileId, upload: to }: UploadTicket,
): Promise<void> {
  if (to.kind === 'single') {
    await put(to.url, to.headers, createReadStream(path));
    return;
  }
  const handle = await open(path);
  const parts: { partNumber: number; eTag: string }[] = [];
  try {
    for (const { partNumber, url } of to.parts) {
      const start = (partNumber - 1) * to.partSize;
      const { size } = await handle.stat();
      const end = Math.min(start + to.partSize, size) - 1;
      const stream = createReadStream(path, { start, end });
      parts.push({
        partNumber,
        eTag: await put(url, { 'content-length': String(end - start + 1) }, stream),
      });
    }
  } finally {
    await handle.close();
  }
  await api.post(`/uploads/${fileId}/complete`, { parts });
}

async function put(
  url: string,
  headers: Record<string, string>,
  body: NodeJS.ReadableStream,
): Promise<string> {
  const response = await fetch(url, {
    method: 'PUT',
    headers,
    body: body as never,
    duplex: 'half',
  } as RequestInit);
  if (!response.ok)
    throw new Error(`The upload was answered ${response.status}: ${await response.text()}`);
  return response.headers.get('etag') ?? '';
}
