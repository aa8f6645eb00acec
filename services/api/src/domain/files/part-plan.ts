const MIB = 1024 ** 2;

/** Up to here one PUT does; a broken connection costs at most this much. */
export const SINGLE_UPLOAD_BYTES = 64 * MIB;
/** S3 allows 10,000, but every part has a URL in the answer: 1,024 parts of at most 5 GiB hold 5 TiB. */
const MOST_PARTS = 1024;
const SMALLEST_PART = 16 * MIB;

export interface PartPlan {
  /** Bytes of every part but the last. */
  readonly partSize: number;
  /** Bytes by part, in order. */
  readonly sizes: readonly number[];
}

/**
 * How a file is cut into parts. A function of the size alone, so that it needs no storing.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
export function planParts(size: number): PartPlan {
  const partSize = Math.max(SMALLEST_PART, Math.ceil(size / MOST_PARTS / MIB) * MIB);
  const count = Math.ceil(size / partSize);
  const sizes = Array.from({ length: count }, (_, index) =>
    index < count - 1 ? partSize : size - partSize * (count - 1),
  );
  return { partSize, sizes };
}
