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
    handleStream(
      event.Records.flatMap((raw) => arrivalsOf(raw, options.decode)),
      options,
      invocation,
    ),
  );
}

function arrivalsOf<T>(
  raw: KinesisStreamRecord,
  decode: KinesisHandlerOptions<T>['decode'],
): Arrival<T, KinesisStreamRecord>[] {
  const data = Buffer.from(raw.kinesis.data, 'base64');
  const { partitionKey } = raw.kinesis;
  if (!isAggregated(data)) return [arrivalOf(raw, { partitionKey, data }, decode)];
  try {
    return userRecordsOf(data).map((one, index) => arrivalOf(raw, one, decode, index));
  } catch (error) {
    const unreadable = () => {
      throw error;
    };
    return [arrivalOf(raw, { partitionKey, data }, unreadable)];
  }
}

/** @param subsequence the place of a user record in its aggregated record; none for a plain one. */
function arrivalOf<T>(
  raw: KinesisStreamRecord,
  { partitionKey, data }: UserRecord,
  decode: KinesisHandlerOptions<T>['decode'],
  subsequence?: number,
): Arrival<T, KinesisStreamRecord> {
  const { sequenceNumber, approximateArrivalTimestamp } = raw.kinesis;
  const shardId = raw.eventID.slice(0, raw.eventID.indexOf(':'));
  return {
    id: subsequence === undefined ? raw.eventID : `${raw.eventID}/${subsequence}`,
    shardId,
    sequenceNumber,
    partitionKey,
    arrivedAt: new Date(approximateArrivalTimestamp * 1000).toISOString(),
    raw,
    decode: () => decode(data, raw),
    payload: () => data,
    attributes: {
      eventSourceArn: raw.eventSourceARN,
      shardId,
      sequenceNumber,
      partitionKey,
      ...(subsequence !== undefined && { subsequenceNumber: String(subsequence) }),
    },
  };
}
