import { createHash } from 'node:crypto';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { UploadTicket } from '@millrace/types';
import type { Sample } from './contents.ts';
import { type Run, requireThat } from './run.ts';
import type { Content, Scenario, UploadStory } from './scenario.ts';

const UPLOADS = 'millrace-local-uploads';
const FILES = 'millrace-local-files';

type Contents = Readonly<Record<Content, Sample>>;

/** Uploads side by side; the versions of each one after the other. */
export async function uploadFiles(
  run: Run,
  { uploads }: Scenario,
  contents: Contents,
): Promise<void> {
  await Promise.all(uploads.map((story, at) => liveUpload(run, story, at, contents)));
}

async function liveUpload(
  run: Run,
  story: UploadStory,
  at: number,
  contents: Contents,
): Promise<void> {
  const versions = story.versions.map((content) => contents[content]);
  const fileId = story.announced
    ? await announce(run, story, at, versions[0])
    : uuidOf(`${run.tenant}/${at}`);
  const key = `${run.tenant}/${fileId}/${story.name}`;
  for (const [version, sample] of versions.entries()) {
    // An announced file has come already by its ticket.
    if (version > 0 || !story.announced) await put(run, key, sample);
  }
  const last = versions.at(-1);
  if (!last) throw new Error('An upload has at least one version.');
  run.expected.files.set(key, story.removed ? { status: 'removed' } : last.expected);
  if (story.impostor && !story.removed) await uploadImpostor(run, fileId, last);
  if (story.removed) await remove(run, story, fileId, key);
}

/** By the API: announced, put to the signed URL, completed. Each step is repeated until it is done. */
async function announce(
  run: Run,
  { name }: UploadStory,
  at: number,
  sample: Sample | undefined,
): Promise<string> {
  if (!sample) throw new Error('An upload has at least one version.');
  const { bytes, contentType } = sample;
  const idempotencyKey = `upload-${at}`;
  const request = { fileName: name, contentType, size: Math.max(1, bytes.byteLength) };
  run.expected.sent += 1;
  const ticket = async () => {
    const answer = await run.api.call({
      ...{ fn: 'uploads' as const, route: 'POST /v1/uploads', idempotencyKey },
      body: request,
    });
    requireThat(answer.status === 201, 'POST /uploads answers 201', answer.body);
    return answer.body as unknown as UploadTicket;
  };
  const first = await ticket();
  requireThat((await ticket()).fileId === first.fileId, 'one key is one file');
  await run.persist('PUT to the signed URL', async () => {
    const { upload } = await ticket();
    if (upload.kind !== 'single') throw new Error('A small file is sent in one request.');
    // The signed length is that of what was announced: an empty file is announced as one byte.
    const body = new Uint8Array(bytes.byteLength > 0 ? bytes : [0]);
    const { 'content-length': _, ...headers } = upload.headers;
    const response = await fetch(upload.url, { method: 'PUT', headers, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`PUT ${response.status} ${text}`);
  });
  if (bytes.byteLength === 0) await put(run, `${run.tenant}/${first.fileId}/${name}`, sample);
  const completed = await run.api.call({
    ...{ fn: 'uploads' as const, route: 'POST /v1/uploads/{id}/complete', id: first.fileId },
    body: {},
  });
  requireThat(completed.status === 200, 'completing answers 200', completed.body);
  return first.fileId;
}

async function put(run: Run, Key: string, { bytes, contentType }: Sample): Promise<void> {
  run.expected.sent += 1;
  const object = { Bucket: UPLOADS, Key, Body: bytes, ContentType: contentType };
  await run.persist('PutObject', () => run.clients.s3.send(new PutObjectCommand(object)));
}

/** Another object under the id of a file that is there: no retry can help it. */
async function uploadImpostor(run: Run, fileId: string, sample: Sample): Promise<void> {
  await run.persist('the record of the file', async () => {
    const Key = { tenant: run.tenant, fileId };
    const { Item } = await run.clients.documents.send(
      new GetCommand({ TableName: FILES, Key, ConsistentRead: true }),
    );
    if (Item?.sequencer === undefined) throw new Error('It is not there yet.');
  });
  const key = `${run.tenant}/${fileId}/impostor.png`;
  run.expected.impostors.add(key);
  await put(run, key, sample);
}

async function remove(run: Run, story: UploadStory, id: string, Key: string): Promise<void> {
  run.expected.sent += 1;
  if (!story.announced) {
    const object = { Bucket: UPLOADS, Key };
    await run.persist('DeleteObject', () => run.clients.s3.send(new DeleteObjectCommand(object)));
    return;
  }
  const { status, body } = await run.api.call({ fn: 'files', route: 'DELETE /v1/files/{id}', id });
  // A repetition of a deletion whose answer was lost may find the file gone.
  requireThat(status === 204 || status === 404, 'DELETE /files/{id} is done', body);
}

/** The same text always gives the same id. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
