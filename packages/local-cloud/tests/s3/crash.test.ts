import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, expect, test } from 'vitest';
import { CREDENTIALS, type Harness, REGION, startS3, storedContents } from './harness.ts';

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

async function startProcess(dir: string): Promise<{ child: ChildProcess; client: S3Client }> {
  const child = fork(join(import.meta.dirname, 'engine-process.ts'), [dir], { execArgv: [] });
  const [{ endpoint }] = (await once(child, 'message')) as [{ endpoint: string }];
  const client = new S3Client({
    endpoint,
    region: REGION,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
  return { child, client };
}

/** Every byte tells the round, so that a mixture of two objects would show. */
function bodyOf(round: number): Buffer {
  return Buffer.alloc(200_000 + round, `${round},`);
}

interface Acknowledged {
  readonly versions: Set<string>;
  plain: number;
  small: number;
}

/** Writes until the engine dies, remembering what it acknowledged. */
async function writeUntilKilled(client: S3Client, from: number, known: Acknowledged) {
  for (let round = from; ; round += 1) {
    try {
      const Body = bodyOf(round);
      const put = await client.send(
        new PutObjectCommand({ Bucket: 'versioned', Key: `k${round % 3}`, Body }),
      );
      known.versions.add(put.VersionId ?? '');
      await client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'k', Body }));
      known.plain = round;
      await client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'small', Body: `${round}` }));
      known.small = round;
      if (round % 5 === 0) {
        known.versions.add(await putMultipart(client, Body));
        const Key = `k${round % 3}`;
        const gone = await client.send(new DeleteObjectCommand({ Bucket: 'versioned', Key }));
        known.versions.add(gone.VersionId ?? '');
      }
    } catch {
      return round;
    }
  }
}

async function putMultipart(client: S3Client, Body: Buffer): Promise<string> {
  const target = { Bucket: 'versioned', Key: 'multipart' };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
  const { ETag } = await client.send(
    new UploadPartCommand({ ...target, UploadId, PartNumber: 1, Body }),
  );
  const done = await client.send(
    new CompleteMultipartUploadCommand({
      ...target,
      UploadId,
      MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
    }),
  );
  return done.VersionId ?? '';
}

async function storedVersions(client: S3Client): Promise<string[]> {
  const listed = await client.send(new ListObjectVersionsCommand({ Bucket: 'versioned' }));
  expect(listed.IsTruncated).toBe(false);
  for (const { Key, VersionId, Size } of listed.Versions ?? []) {
    const got = await client.send(new GetObjectCommand({ Bucket: 'versioned', Key, VersionId }));
    const body = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
    expect(body.equals(bodyOf((Size ?? 0) - 200_000))).toBe(true);
  }
  return [...(listed.Versions ?? []), ...(listed.DeleteMarkers ?? [])].map(
    ({ VersionId }) => VersionId ?? '',
  );
}

test('kill -9 in the middle of writes loses nothing acknowledged and halves nothing', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-s3-crash-'));
  dirs.push(dir);
  const known: Acknowledged = { versions: new Set(), plain: -1, small: -1 };
  let round = 0;
  for (let life = 0; life < 6; life += 1) {
    const { child, client } = await startProcess(dir);
    const exited = once(child, 'exit');
    const writers = writeUntilKilled(client, round, known);
    await new Promise((resolve) => setTimeout(resolve, 150 + life * 77));
    child.kill('SIGKILL');
    await exited;
    round = (await writers) + 1;
    client.destroy();
  }
  expect(known.versions.size).toBeGreaterThan(10);

  const s3 = await startS3({ dir });
  try {
    const client = s3.client();
    const stored = await storedVersions(client);
    // Nothing acknowledged is missing; a write whose answer was cut off may be there as well.
    expect([...known.versions].filter((id) => !stored.includes(id))).toEqual([]);
    // Stored and notified are one fact.
    const notified = s3.state.db
      .prepare("SELECT version_id, key, sequencer FROM test_events WHERE version_id <> ''")
      .all();
    expect(notified.map((row) => String(row.version_id)).sort()).toEqual([...stored].sort());
    const sequencers = s3.state.db
      .prepare('SELECT sequencer FROM test_events ORDER BY rowid')
      .all()
      .map((row) => String(row.sequencer));
    expect(sequencers).toEqual([...new Set(sequencers)].sort());
    // The overwritten object is the last acknowledged, or the one that was under way.
    const plain = await client.send(new GetObjectCommand({ Bucket: 'plain', Key: 'k' }));
    const body = Buffer.from((await plain.Body?.transformToByteArray()) ?? []);
    expect(body.length - 200_000).toBeGreaterThanOrEqual(known.plain);
    expect(body.equals(bodyOf(body.length - 200_000))).toBe(true);
    const small = await client.send(new GetObjectCommand({ Bucket: 'plain', Key: 'small' }));
    expect(Number(await small.Body?.transformToString())).toBeGreaterThanOrEqual(known.small);
    // Only bytes that some version or open upload names are left on the disk.
    const named = s3.state.db
      .prepare(
        `SELECT (SELECT count(*) FROM s3_versions WHERE delete_marker = 0) +
                (SELECT count(*) FROM s3_parts) AS files`,
      )
      .get();
    expect(storedContents(s3)).toBe(named?.files);
  } finally {
    await s3.stop();
  }
}, 60_000);

test('a throw from the listener undoes the write that it heard of', async () => {
  let isFailing = false;
  const s3 = await startS3({
    onEvent: () => {
      if (isFailing) throw new Error('the queue is broken');
    },
  });
  try {
    s3.engine.createBucket('plain');
    const client = s3.client();
    await client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'k', Body: 'old' }));
    isFailing = true;
    const write = client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'k', Body: 'new' }));
    await expect(write).rejects.toMatchObject({ name: 'InternalError' });
    await expect(
      client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'k' })),
    ).rejects.toMatchObject({ name: 'InternalError' });
    const got = await client.send(new GetObjectCommand({ Bucket: 'plain', Key: 'k' }));
    expect(await got.Body?.transformToString()).toBe('old');
    await expect.poll(() => storedContents(s3)).toBe(1);
  } finally {
    await s3.stop();
  }
});

test('an upload whose sender hangs up leaves nothing', async () => {
  const s3 = await startS3();
  try {
    s3.engine.createBucket('plain');
    const controller = new AbortController();
    const { port } = new URL(s3.endpoint);
    const sending = request({
      host: '127.0.0.1',
      port,
      method: 'PUT',
      path: '/plain/k',
      headers: { authorization: 'AWS4-HMAC-SHA256 x', 'content-length': 1_000_000 },
      signal: controller.signal,
    });
    sending.on('error', () => undefined);
    sending.write(Buffer.alloc(300_000));
    await expect.poll(() => storedContents(s3)).toBe(1);
    controller.abort();
    await expect.poll(() => storedContents(s3)).toBe(0);
    await expect(
      s3.client().send(new GetObjectCommand({ Bucket: 'plain', Key: 'k' })),
    ).rejects.toMatchObject({ name: 'NoSuchKey' });
  } finally {
    await s3.stop();
  }
});

/** Sends 300 of 1,000 bytes and, when those have arrived, hangs up. */
async function hangUpHttp1(s3: Harness): Promise<void> {
  const sending = request(`${s3.endpoint}/plain/k`, {
    method: 'PUT',
    headers: { authorization: 'AWS4-HMAC-SHA256 x', 'content-length': 1_000 },
  });
  sending.on('error', () => undefined);
  const arrived = once(s3.server, 'request');
  sending.write(Buffer.alloc(300));
  const [received] = await arrived;
  await expect.poll(() => received.readableDidRead).toBe(true);
  sending.destroy();
  await expect.poll(() => received.destroyed).toBe(true);
}

async function hangUpHttp2(s3: Harness): Promise<void> {
  const server = createHttp2Server((req, res) => void s3.engine.handle(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const arrived = once(server, 'request');
  const stream = session.request({
    ':method': 'PUT',
    ':path': '/plain/k',
    authorization: 'AWS4-HMAC-SHA256 x',
    'content-length': 1_000,
  });
  stream.on('error', () => undefined);
  stream.write(Buffer.alloc(300));
  const [received] = await arrived;
  await expect.poll(() => received.readableDidRead).toBe(true);
  session.destroy();
  await once(received, 'close');
  await new Promise((resolve) => server.close(resolve));
}

test.each([
  ['HTTP/1.1', hangUpHttp1],
  ['HTTP/2', hangUpHttp2],
])(
  'a short body that breaks off over %s leaves nothing, and no request open',
  async (_, hangUp) => {
    const s3 = await startS3();
    s3.engine.createBucket('plain');
    await hangUp(s3);
    // Resolves when every request has ended.
    await s3.engine.close();
    expect(storedContents(s3)).toBe(0);
    expect(s3.events).toEqual([]);
    await s3.stop();
  },
);
