const PIECE_CHARACTERS = 256 * 1024;

export interface TextPipe {
  readonly body: AsyncIterable<Uint8Array>;
  /** Waits while the reader is more than a piece behind. @throws the reader's failure */
  write(text: string): Promise<void>;
  end(): void;
  /** Both ends throw from now on, whatever lies between them. */
  fail(error: unknown): void;
}

/** Text that is written here and read there, as pieces of some 256 KiB. */
export function textPipe(): TextPipe {
  let texts: string[] = [];
  let characters = 0;
  let state: { kind: 'open' } | { kind: 'ended' } | { kind: 'failed'; error: unknown } = {
    kind: 'open',
  };
  let changed = Promise.withResolvers<void>();
  const change = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const throwIfFailed = () => {
    if (state.kind === 'failed') throw state.error;
  };
  return {
    body: {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          throwIfFailed();
          if (characters >= PIECE_CHARACTERS || (state.kind === 'ended' && characters > 0)) {
            const piece = Buffer.from(texts.join(''));
            [texts, characters] = [[], 0];
            change();
            yield piece;
          } else if (state.kind === 'ended') return;
          else await changed.promise;
        }
      },
    },
    async write(text) {
      while (state.kind === 'open' && characters >= PIECE_CHARACTERS) await changed.promise;
      throwIfFailed();
      texts.push(text);
      characters += text.length;
      if (characters >= PIECE_CHARACTERS) change();
    },
    end() {
      if (state.kind === 'open') state = { kind: 'ended' };
      change();
    },
    fail(error) {
      if (state.kind === 'open') state = { kind: 'failed', error };
      change();
    },
  };
}
