import type {
  KinesisStreamBatchResponse,
  KinesisStreamEvent,
  KinesisStreamRecord,
} from 'aws-lambda';
import { functionHandler, type LambdaFunction } from '../handler.ts';
import {
  beginsAggregated,
  isAggregated,
  type UserRecord,
  userRecordsOf,
} from './kpl/user-records.ts';
import { type Arrival, handleStream, type StreamHandlerOptions } from './stream-handler.ts';

export type KinesisHandlerOptions<T> = StreamHandlerOptions<T, KinesisStreamRecord> & {
  /**
   * Reads one user record. `raw` is the Kinesis record that it came in: of an aggregated record the
   * whole, whose partition key is not the user record's. `data` is memory of the next record as soon
   * as this returns: what is to stay of it is copied.
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
    const { data } = raw.kinesis;
    if (beginsAggregated(data) && isAggregated(Buffer.from(data, 'base64'))) {
      arrivals.push(...userArrivalsOf(raw, decode));
    } else {
      arrivals.push(new KinesisArrival(raw, decode));
    }
  }
  return arrivals;
}

function userArrivalsOf<T>(raw: KinesisStreamRecord, decode: Decode<T>) {
  try {
    const records = userRecordsOf(Buffer.from(raw.kinesis.data, 'base64'));
    return records.map((one, nth) => new KinesisArrival(raw, decode, one, nth));
  } catch (error) {
    const unreadable = () => {
      throw error;
    };
    return [new KinesisArrival<T>(raw, unreadable)];
  }
}

/** Records are read one after the other: all but the largest in the same memory. */
const SHARED = Buffer.allocUnsafeSlow(64 * 1024);

function bytesOf({ kinesis: { data } }: KinesisStreamRecord): Buffer {
  if (data.length > SHARED.length) return Buffer.from(data, 'base64');
  return SHARED.subarray(0, SHARED.write(data, 'base64'));
}

/** What most functions ask of few records (times as text, ids) is made when it is asked for. */
class KinesisArrival<T> implements Arrival<T, KinesisStreamRecord> {
  readonly raw: KinesisStreamRecord;
  value!: T;
  readonly #decode: Decode<T>;
  readonly #user: UserRecord | undefined;
  readonly #subsequence: number | undefined;

  /**
   * @param user one of an aggregated record; none for a plain one.
   * @param subsequence its place there.
   */
  constructor(
    raw: KinesisStreamRecord,
    decode: Decode<T>,
    user?: UserRecord,
    subsequence?: number,
  ) {
    this.raw = raw;
    this.#decode = decode;
    this.#user = user;
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

  get sequenceNumber(): string {
    return this.raw.kinesis.sequenceNumber;
  }

  get partitionKey(): string {
    return (this.#user ?? this.raw.kinesis).partitionKey;
  }

  get arrivedAtMs(): number {
    return Math.trunc(this.raw.kinesis.approximateArrivalTimestamp * 1000);
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
    this.value = this.#decode(this.#user?.data ?? bytesOf(this.raw), this.raw);
  }

  payload(): Uint8Array {
    return this.#user?.data ?? Buffer.from(this.raw.kinesis.data, 'base64');
  }
}
