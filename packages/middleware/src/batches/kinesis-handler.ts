import type {
  KinesisStreamBatchResponse,
  KinesisStreamEvent,
  KinesisStreamRecord,
} from 'aws-lambda';
import { functionHandler, type LambdaFunction } from '../handler.ts';
import { type Arrival, handleStream, type StreamHandlerOptions } from './stream-handler.ts';

export type KinesisHandlerOptions<T> = StreamHandlerOptions<T, KinesisStreamRecord> & {
  /**
   * Reads one user record.
   * @throws PermanentError when it will never be readable: it goes to the dead letters.
   */
  readonly decode: (data: Uint8Array, raw: KinesisStreamRecord) => T;
};

/** A Lambda function behind a Kinesis event source mapping with ReportBatchItemFailures. */
export function kinesisHandler<T>(
  options: KinesisHandlerOptions<T>,
): LambdaFunction<KinesisStreamEvent, KinesisStreamBatchResponse> {
  return functionHandler((event, invocation) =>
    handleStream(
      event.Records.map((raw) => arrivalOf(raw, options.decode)),
      options,
      invocation,
    ),
  );
}

function arrivalOf<T>(
  raw: KinesisStreamRecord,
  decode: KinesisHandlerOptions<T>['decode'],
): Arrival<T, KinesisStreamRecord> {
  const data = Buffer.from(raw.kinesis.data, 'base64');
  const { partitionKey, sequenceNumber, approximateArrivalTimestamp } = raw.kinesis;
  const shardId = raw.eventID.slice(0, raw.eventID.indexOf(':'));
  return {
    id: raw.eventID,
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
    },
  };
}
