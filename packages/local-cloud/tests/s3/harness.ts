import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { type Clock, systemClock } from '../../src/clock.ts';
import type { S3ObjectEvent } from '../../src/ports.ts';
import { createS3, type S3Engine } from '../../src/s3/index.ts';
import { type CloudState, openState } from '../../src/state.ts';

export const CREDENTIALS = { accessKeyId: 'millrace', secretAccessKey: 'millrace' };
export const REGION = 'us-east-1';

export interface Harness {
  readonly dir: string;
  readonly state: CloudState;
  readonly engine: S3Engine;
  readonly server: Server;
  readonly endpoint: string;
  readonly events: S3ObjectEvent[];
  client(config?: S3ClientConfig): S3Client;
  stop(options?: { keepState?: boolean }): Promise<void>;
}

/** Starts an engine behind HTTP on a free port, over a new state folder or the one given. */
export async function startS3(
  options: {
    dir?: string;
    clock?: Clock;
    onEvent?: (event: S3ObjectEvent, state: CloudState) => void;
  } = {},
): Promise<Harness> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'millrace-s3-'));
  const state = openState(dir);
  const events: S3ObjectEvent[] = [];
  const engine = createS3({
    state,
    clock: options.clock ?? systemClock,
    credentials: new Map([[CREDENTIALS.accessKeyId, CREDENTIALS.secretAccessKey]]),
    region: REGION,
    accountId: '000000000000',
    onEvent: (event) => {
      options.onEvent?.(event, state);
      events.push(event);
    },
  });
  const server = createServer((req, res) => void engine.handle(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clients: S3Client[] = [];
  return {
    dir,
    state,
    engine,
    server,
    endpoint,
    events,
    client(config = {}) {
      const client = new S3Client({
        endpoint,
        region: REGION,
        credentials: CREDENTIALS,
        maxAttempts: 1,
        ...config,
      });
      clients.push(client);
      return client;
    },
    async stop({ keepState = false } = {}) {
      for (const client of clients) client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await engine.close();
      state.close();
      if (!keepState) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** How many contents lie in files and in the database. */
export function storedContents({ dir, state }: Harness): number {
  const entries = readdirSync(join(dir, 's3'), { recursive: true, withFileTypes: true });
  const rows = state.db.prepare('SELECT count(*) AS n FROM s3_contents').get()?.n;
  return entries.filter((entry) => entry.isFile()).length + Number(rows);
}

/** The stable part of an error that the SDK threw. */
export async function failureOf(
  promise: Promise<unknown>,
): Promise<{ name: string; status: number | undefined; message: string }> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { name: error.name, status: $metadata?.httpStatusCode, message: error.message };
  }
  throw new Error('The request succeeded, though it should have been refused.');
}

/** A request that no SDK would send: any headers, no signature check on the client's side. */
export function signedFetch(url: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set(
    'authorization',
    'AWS4-HMAC-SHA256 Credential=anyone/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0',
  );
  return fetch(url, { ...init, headers });
}

export function codeIn(xml: string): string | undefined {
  return /<Code>(.*?)<\/Code>/.exec(xml)?.[1];
}
