/** Reads a body once: first its head, then, where wanted, all of it. */
export interface ByteReader {
  /** At least the first `count` bytes, fewer only where there are no more. */
  head(count: number): Promise<Uint8Array>;
  /** The whole body, head included. */
  all(): Promise<Uint8Array>;
  /** Gives up what has not been read. */
  close(): Promise<void>;
}

export function byteReader(body: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = body[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let ended = false;

  async function readUntil(count: number) {
    while (!ended && bytes < count) {
      const next = await iterator.next();
      if (next.done) {
        ended = true;
      } else {
        chunks.push(next.value);
        bytes += next.value.byteLength;
      }
    }
    return Buffer.concat(chunks);
  }

  return {
    head: readUntil,
    all: () => readUntil(Number.POSITIVE_INFINITY),
    async close() {
      if (ended) return;
      ended = true;
      await iterator.return?.();
    },
  };
}
