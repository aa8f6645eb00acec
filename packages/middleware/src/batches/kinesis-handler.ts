import type {
  KinesisStreamBatchResponse,
  KinesisStreamEvent,
  KinesisStreamRecord,
} from 'aws-lambda';
import { functionHandler, type LambdaFunction } from '../handler.ts';
import { isAggregated, type UserRecord, userRecordsOf } from './kpl/user-records.ts';
import { type Arrival, handleStream, type StreamHandlerOptions } from './stream-handler.ts';

export type KinesisHandlerOptions<T> = StreamHandlerOptions<T, KinesisStreamRecord> & {
  /**
   * Reads one user record. `raw` is the Kinesis record that it came in: of an aggregated record the
   * whole, whose partition key is not the user record's.
   * @throws PermanentError when it will never be readable: it goes to the dead letters.
   */
  readonly decode: (data: Uint8Array, raw: KinesisStreamRecord) => T;
};

/**
 * A Lambda function behind a Kinesis event source mapping with ReportBatchItemFailures. Records that
 * the Kinesis Producer Library aggregated are taken apart; their user records share a sequence
 * number, so that they come again together. A damaged aggregate is put aside whole.
 */
export function kinesisHandler<T>(
  options: KinesisHandlerOptions<T>,
): LambdaFunction<KinesisStreamEvent, KinesisStreamBatchResponse> {
  return functionHandler((event, invocation) =>
    handleStream(arrivalsOf(event.Records, options.decode), options, invocation),
  );
}

type Decode<T> = KinesisHandlerOptions<T>['decode'];

function arrivalsOf<T>(records: readonly KinesisStreamRecord[], decode: Decode<T>) {
  const arrivals: KinesisArrival<T>[] = [];
  for (const raw of records) {
    const data = Buffer.from(raw.kinesis.data, 'base64');
    if (!isAggregated(data)) arrivals.push(new KinesisArrival(raw, whole(raw, data), decode));
    else arrivals.push(...userArrivalsOf(raw, data, decode));
  }
  return arrivals;
}

function userArrivalsOf<T>(raw: KinesisStreamRecord, data: Buffer, decode: Decode<T>) {
  try {
    return userRecordsOf(data).map((one, nth) => new KinesisArrival(raw, one, decode, nth));
  } catch (error) {
    const unreadable = () => {
      throw error;
    };
    return [new KinesisArrival<T>(raw, whole(raw, data), unreadable)];
  }
}

function whole({ kinesis: { partitionKey } }: KinesisStreamRecord, data: Buffer): UserRecord {
  return { partitionKey, data };
}

/** What most functions ask of few records (times as text, ids) is made when it is asked for. */
class KinesisArrival<T> implements Arrival<T, KinesisStreamRecord> {
  readonly raw: KinesisStreamRecord;
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly arrivedAtMs: number;
  value!: T;
  readonly #data: Buffer;
  readonly #decode: Decode<T>;
  readonly #subsequence: number | undefined;

  /** @param subsequence the place of a user record in its aggregated record; none for a plain one. */
  constructor(
    raw: KinesisStreamRecord,
    { partitionKey, data }: UserRecord,
    decode: Decode<T>,
    subsequence?: number,
  ) {
    this.raw = raw;
    this.sequenceNumber = raw.kinesis.sequenceNumber;
    this.partitionKey = partitionKey;
    this.arrivedAtMs = Math.trunc(raw.kinesis.approximateArrivalTimestamp * 1000);
    this.#data = data;
    this.#decode = decode;
    this.#subsequence = subsequence;
  }

  get id(): string {
    const { eventID } = this.raw;
    return this.#subsequence === undefined ? eventID : `${eventID}/${this.#subsequence}`;
  }

  get shardId(): string {
    const { eventID } = this.raw;
    return eventID.slice(0, eventID.indexOf(':'));
  }

  get arrivedAt(): string {
    return new Date(this.arrivedAtMs).toISOString();
  }

  get attributes(): Readonly<Record<string, string>> {
    const { shardId, sequenceNumber, partitionKey } = this;
    return {
      eventSourceArn: this.raw.eventSourceARN,
      shardId,
      sequenceNumber,
      partitionKey,
      ...(this.#subsequence !== undefined && { subsequenceNumber: String(this.#subsequence) }),
    };
  }

  decode(): void {
    this.value = this.#decode(this.#data, this.raw);
  }

  payload(): Uint8Array {
    return this.#data;
  }
}
