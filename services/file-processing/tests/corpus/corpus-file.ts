/** A file as somebody might upload it, and what must become of it. */
export interface CorpusFile {
  /** Unique, as a test says it. */
  readonly name: string;
  /** Of the object: not encoded, at most 1,024 bytes. */
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly declaredType: string;
  /** `either`: a decoder may save what it can, or give a verdict. Nothing ends otherwise. */
  readonly expect: 'ready' | 'rejected' | 'either';
  /** Of the rejection, where one is. */
  readonly code?: string;
}

/** A file of the corpus with an everyday key. */
export function corpusFile(
  group: string,
  name: string,
  fileName: string,
  bytes: Uint8Array | string,
  verdict: CorpusFile['expect'] | { readonly rejected: string } = 'either',
  declaredType = 'application/octet-stream',
): CorpusFile {
  return {
    name: `${group}: ${name}`,
    key: `corpus/${group}/${fileName}`,
    bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes,
    declaredType,
    ...(typeof verdict === 'string'
      ? { expect: verdict }
      : { expect: 'rejected', code: verdict.rejected }),
  };
}

/** Numbers in [0, 1) that are the same in every run. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
