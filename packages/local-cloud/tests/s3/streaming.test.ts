import { type ChildProcess, fork } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CREDENTIALS, type Harness, REGION, startS3, storedContents } from './harness.ts';

const MIB = 1024 ** 2;
const SIZE = 300 * MIB;
const MAX_GROWTH = 100 * MIB;

/** The same bytes each time, made as they are asked for. */
function* pieces(size: number): Generator<Buffer> {
  for (let at = 0; at < size; at += MIB) {
    yield Buffer.alloc(Math.min(MIB, size - at), `piece ${at};`);
  }
}

function hashOf(size: number): string {
  const hash = createHash('sha256');
  for (const piece of pieces(size)) hash.update(piece);
  return hash.digest('hex');
}

describe('a large object', () => {
  let dir: string;
  let child: ChildProcess;
  let client: S3Client;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'millrace-s3-large-'));
    child = fork(join(import.meta.dirname, 'engine-process.ts'), [dir], { execArgv: [] });
    const [{ endpoint }] = (await once(child, 'message')) as [{ endpoint: string }];
    client = new S3Client({ endpoint, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 });
  });
  afterAll(async () => {
    client.destroy();
    child.kill();
    await once(child, 'exit');
    rmSync(dir, { recursive: true, force: true });
  });

  async function peakRss(): Promise<number> {
    const answer = once(child, 'message');
    child.send('weigh');
    const [{ peakRss: peak }] = (await answer) as [{ peakRss: number }];
    return peak;
  }

  async function downloadHash(Key: string): Promise<string> {
    const got = await client.send(new GetObjectCommand({ Bucket: 'plain', Key }));
    const hash: Hash = createHash('sha256');
    for await (const chunk of got.Body as Readable) hash.update(chunk);
    return hash.digest('hex');
  }

  test('of 300 MB is put, copied, uploaded in parts and read within 100 MB of memory', async () => {
    const expected = hashOf(SIZE);
    // Small traffic first: what the engine needs to run at all is not what is measured.
    await client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'small', Body: 'x' }));
    await downloadHash('small');
    const before = await peakRss();
    const Body = Readable.from(pieces(SIZE));
    const target = { Bucket: 'plain', Key: 'large' };
    await client.send(new PutObjectCommand({ ...target, Body, ContentLength: SIZE }));
    expect(await downloadHash('large')).toBe(expected);
    await client.send(
      new CopyObjectCommand({ Bucket: 'plain', Key: 'copy', CopySource: 'plain/large' }),
    );
    expect(await downloadHash('copy')).toBe(expected);
    const params = { Bucket: 'plain', Key: 'parts', Body: Readable.from(pieces(SIZE)) };
    await new Upload({ client, params, queueSize: 4, partSize: 16 * MIB }).done();
    expect(await downloadHash('parts')).toBe(expected);
    expect((await peakRss()) - before).toBeLessThan(MAX_GROWTH);
  }, 120_000);

  test('is not read ahead of a reader that has stopped', async () => {
    const before = await peakRss();
    const readers = await Promise.all(
      Array.from({ length: 5 }, () =>
        client.send(new GetObjectCommand({ Bucket: 'plain', Key: 'large' })),
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (const { Body } of readers) (Body as Readable).destroy();
    expect((await peakRss()) - before).toBeLessThan(MAX_GROWTH);
  });
});

describe('a reader', () => {
  let s3: Harness;
  beforeAll(async () => {
    s3 = await startS3();
    s3.engine.createBucket('plain');
  });
  afterAll(() => s3.stop());

  test('reads on to the end of an object that is replaced and deleted meanwhile', async () => {
    const client = s3.client();
    const size = 40 * MIB;
    const params = { Bucket: 'plain', Key: 'k', Body: Readable.from(pieces(size)) };
    await new Upload({ client, params, partSize: 5 * MIB }).done();
    const got = await client.send(new GetObjectCommand({ Bucket: 'plain', Key: 'k' }));
    await client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'k', Body: 'new' }));
    const hash = createHash('sha256');
    for await (const chunk of got.Body as Readable) hash.update(chunk);
    expect(hash.digest('hex')).toBe(hashOf(size));
    // Only then do the bytes of the old object go.
    await expect.poll(() => storedContents(s3)).toBe(1);
  });

  test('over HTTP/2 gets and puts the same', async () => {
    const server = createHttp2Server((req, res) => void s3.engine.handle(req, res));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const ask = async (method: string, path: string, body?: Buffer) => {
      const length = body ? { 'content-length': body.length } : {};
      const stream = session.request(
        {
          ':method': method,
          ':path': path,
          authorization: 'AWS4-HMAC-SHA256 x',
          ...length,
        },
        { endStream: !body },
      );
      if (body) stream.end(body);
      const [headers] = (await once(stream, 'response')) as [Record<string, string | number>];
      return { headers, body: Buffer.concat(await stream.toArray()) };
    };
    const body = Buffer.concat([...pieces(3 * MIB)]);
    const put = await ask('PUT', '/plain/h2', body);
    expect(put.headers[':status']).toBe(200);
    const got = await ask('GET', '/plain/h2');
    expect(got.body.equals(body)).toBe(true);
    expect((await ask('HEAD', '/plain/h2')).headers).toMatchObject({
      ':status': 200,
      'content-length': String(body.length),
    });
    expect((await ask('PUT', '/plain/empty')).headers[':status']).toBe(200);
    expect((await ask('GET', '/plain/none')).headers[':status']).toBe(404);
    expect((await ask('DELETE', '/plain/h2')).headers[':status']).toBe(204);
    await new Promise<void>((resolve) => session.close(resolve));
    await new Promise((resolve) => server.close(resolve));
  });
});
