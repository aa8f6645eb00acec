/** A valid record on its way into a shard. */
export interface IncomingRecord {
  readonly partitionKey: string;
  readonly shardId: string;
  /** Data and partition key together, as AWS counts a record's size. */
  readonly bytes: number;
}

/** Why a valid record is not taken, as PutRecords tells it: e.g. `InternalFailure`. */
export interface RecordRefusal {
  readonly code: string;
  readonly message: string;
}

/**
 * Decides on each record of PutRecord and PutRecords before the engine stores it; `undefined` lets
 * it in. Records are asked for in the order of the request.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
 */
export type AdmitRecord = (stream: string, record: IncomingRecord) => RecordRefusal | undefined;

/** The first refusal counts: what one refuses is not asked of the others (and uses nothing up there). */
export function admitByAll(all: readonly AdmitRecord[]): AdmitRecord {
  return (stream, record) => {
    for (const admit of all) {
      const refusal = admit(stream, record);
      if (refusal) return refusal;
    }
    return undefined;
  };
}
