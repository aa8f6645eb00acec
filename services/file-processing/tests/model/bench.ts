import { buffer } from 'node:stream/consumers';
import type { StoredRendition } from '@millrace/types';
import { comparableSequencer } from '@millrace/types';
import type { Upload, Workbench } from '../../src/domain/processor.ts';

/** An upload in memory, read in chunks as S3 gives them. */
export function memoryUpload(
  bytes: Uint8Array,
  {
    name = 'file',
    mediaType = 'application/octet-stream',
    chunkBytes = 64 * 1024,
    url = () => Promise.reject<string>(new Error('This upload has no URL.')),
  } = {},
): Upload {
  const sequencer = '0055AED6DCD90281E5';
  const order = comparableSequencer(sequencer);
  const happenedAt = '2026-11-24T09:00:00.000Z';
  const key = `files/${name}`;
  return {
    file: { tenant: 'acme', fileId: '0199f1de-7d5f-7cc0-8bd4-6a6f0a4b1a55', name },
    version: {
      ...{ bucket: 'uploads', key, happenedAt, sequencer, order },
      ...{ eTag: 'e', size: bytes.length },
    },
    mediaType,
    size: bytes.length,
    async *read({ from, to } = { from: 0, to: bytes.length - 1 }) {
      for (let at = from; at <= to; at += chunkBytes) {
        yield bytes.subarray(at, Math.min(at + chunkBytes, to + 1));
      }
    },
    url,
  };
}

/** Keeps what a processor makes. */
export function memoryBench() {
  const artefacts = new Map<string, Uint8Array>();
  const collected = new Map<string, Uint8Array>();
  const percents: number[] = [];
  const keep = async (
    into: Map<string, Uint8Array>,
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
  ) => {
    const bytes = body instanceof Uint8Array ? body : await buffer(body);
    into.set(key, bytes);
    return bytes.length;
  };
  const bench: Workbench = {
    async store({ body, extension, ...artefact }): Promise<StoredRendition> {
      const key = `${artefact.name}.${extension}`;
      const size = await keep(artefacts, key, body);
      return { ...artefact, bucket: 'media', key, size };
    },
    async collect({ table, body }) {
      const size = await keep(collected, table, body);
      const contentType = 'application/vnd.apache.parquet';
      return { name: 'rows', bucket: 'lake', key: `${table}/rows.parquet`, contentType, size };
    },
    progress: async (percent) => {
      percents.push(percent);
    },
    signal: new AbortController().signal,
  };
  return { bench, artefacts, collected, percents };
}
