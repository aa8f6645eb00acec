export interface StreamEntry {
  readonly data: Uint8Array;
  readonly partitionKey: string;
}

/** The stream `events`. */
export interface EventStream {
  /** Puts entries on the stream, with retries; answers the places of those that it did not take. */
  send(entries: readonly StreamEntry[]): Promise<ReadonlySet<number>>;
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html */
export const MAX_RECORD_BYTES = 1024 ** 2;

/** Bytes that count against Kinesis' limit. */
export function sizeOf({ data, partitionKey }: StreamEntry): number {
  return data.byteLength + Buffer.byteLength(partitionKey);
}
