import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Kind } from '../../src/domain/kind.ts';
import type { UploadedVersion } from '../../src/domain/object-change.ts';
import type { Uploads } from '../../src/domain/ports.ts';
import type { Processor } from '../../src/domain/processor.ts';
import { routeUpload } from '../../src/domain/route-upload.ts';
import { workOnUpload } from '../../src/domain/work-on-upload.ts';
import { memoryCloud } from '../model/memory-cloud.ts';
import type { CorpusFile } from './corpus-file.ts';

/** What became of a file. */
export interface Ending {
  /** `error`: neither a result nor a verdict; `elsewhere`: its kind is another function's. */
  readonly status: 'ready' | 'rejected' | 'elsewhere' | 'error';
  readonly kind?: string;
  readonly code?: string;
  readonly message?: string;
}

export interface Stage {
  readonly kinds: readonly Kind[];
  /** The function that works; none: only the router does. */
  readonly worker?: { readonly kind: Kind; readonly processor: Processor };
}

/** Puts a file into an empty cloud, and lets the router and one kind's function do their work. */
export async function playThrough(
  file: Pick<CorpusFile, 'key' | 'bytes' | 'declaredType'>,
  { kinds, worker }: Stage,
  url: (bytes: Uint8Array) => string,
): Promise<Ending> {
  const cloud = memoryCloud();
  const uploads: Uploads = {
    ...cloud.ports.uploads,
    open: async (_version, { from, to } = { from: 0, to: file.bytes.length - 1 }) => ({
      contentType: file.declaredType,
      body: inChunks(file.bytes.subarray(from, to + 1)),
    }),
    url: async () => url(file.bytes),
  };
  const ports = { ...cloud.ports, uploads, kinds };
  const version = cloud.put(file.key, file.bytes);
  try {
    await routeUpload(version, ports);
    const [queued] = cloud.queued;
    if (queued && queued.work.kind !== worker?.kind.name) {
      return { status: 'elsewhere', kind: queued.work.kind };
    }
    if (queued && worker) {
      const { kind, processor } = worker;
      const scanner = { scan: async () => ({ kind: 'clean' }) as const };
      const working = { ...ports, kind, processor, scanner, unscannable: 'reject' } as const;
      const outcome = await workOnUpload(queued.work, SHIFT, working);
      if (outcome === 'handed-on') return { status: 'error', message: 'handed on' };
    }
    return endingOf(cloud, version);
  } catch (error) {
    return { status: 'error', message: error instanceof Error ? (error.stack ?? '') : `${error}` };
  }
}

const SHIFT = {
  ...{ worker: 'corpus', onBeat: () => undefined, now: Date.now },
  deadline: new AbortController().signal,
};

function endingOf({ items }: ReturnType<typeof memoryCloud>, { key }: UploadedVersion): Ending {
  const item = [...items.values()].find((each) => each.key === key);
  if (item?.status !== 'ready' && item?.status !== 'rejected') {
    return { status: 'error', message: `left as ${item?.status}` };
  }
  return {
    status: item.status,
    ...(item.kind !== undefined && { kind: item.kind }),
    ...item.reason,
  };
}

/** As S3's responses come. */
async function* inChunks(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 64 * 1024) yield bytes.subarray(at, at + 64 * 1024);
}

/** Serves one file at a time, and ranges of it, to programs that read by themselves. */
export async function serveFiles() {
  let content: Uint8Array = new Uint8Array();
  const server = createServer((request, response) => {
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const from = Number(range?.[1] ?? 0);
    const to = Math.min(Number(range?.[2] || content.length - 1), content.length - 1);
    if (range && from > to) return response.writeHead(416).end();
    response.setHeader('accept-ranges', 'bytes').setHeader('content-length', to - from + 1);
    if (range) response.setHeader('content-range', `bytes ${from}-${to}/${content.length}`);
    response.writeHead(range ? 206 : 200);
    return response.end(content.subarray(from, to + 1));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/upload`;
  return {
    url: (bytes: Uint8Array) => {
      content = bytes;
      return address;
    },
    close: () => server.close(),
  };
}
