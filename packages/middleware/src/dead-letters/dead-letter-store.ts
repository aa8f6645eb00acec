/** A record that will not be processed, with everything needed to process it later. */
export interface DeadLetter {
  /** Who put it aside: the full name of the function. */
  readonly source: string;
  /** Unique in the source and the same in every attempt. */
  readonly id: string;
  readonly reason: { readonly code: string; readonly message: string };
  /** The record as it came, to the byte. */
  readonly payload: Uint8Array;
  /** ISO 8601. */
  readonly arrivedAt?: string;
  /** Where it came from: `eventSourceArn`, `sequenceNumber`, `partitionKey`, … */
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface DeadLetterStore {
  /** Idempotent by (source, id): the first letter stays. Rejects when it could not be kept. */
  addOnce(letter: DeadLetter): Promise<void>;
}
