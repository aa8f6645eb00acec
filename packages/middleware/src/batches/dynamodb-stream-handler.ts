import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { functionHandler, type LambdaFunction } from '../handler.ts';
import { type Arrival, handleStream, type StreamHandlerOptions } from './stream-handler.ts';

/** Records keep DynamoDB's typed attribute values, which hold numbers exactly. */
export type DynamoDBStreamHandlerOptions = StreamHandlerOptions<DynamoDBRecord, DynamoDBRecord>;

/** A Lambda function behind a DynamoDB Streams event source mapping with ReportBatchItemFailures. */
export function dynamodbStreamHandler(
  options: DynamoDBStreamHandlerOptions,
): LambdaFunction<DynamoDBStreamEvent, DynamoDBBatchResponse> {
  return functionHandler((event, invocation) =>
    handleStream(event.Records.map(arrivalOf), options, invocation),
  );
}

function arrivalOf(raw: DynamoDBRecord): Arrival<DynamoDBRecord, DynamoDBRecord> {
  const { SequenceNumber, Keys, ApproximateCreationDateTime } = raw.dynamodb ?? {};
  if (raw.eventID === undefined || SequenceNumber === undefined || Keys === undefined) {
    // No record of a DynamoDB stream lacks them: the function is called by something else.
    throw new TypeError('This is not a record of a DynamoDB stream.');
  }
  const eventSourceArn = raw.eventSourceARN ?? '';
  const partitionKey = JSON.stringify(Object.entries(Keys).sort(([a], [b]) => (a < b ? -1 : 1)));
  const arrivedAtMs = (ApproximateCreationDateTime ?? 0) * 1000;
  return {
    id: raw.eventID,
    shardId: eventSourceArn.slice(eventSourceArn.lastIndexOf('/') + 1),
    sequenceNumber: SequenceNumber,
    partitionKey,
    arrivedAt: new Date(arrivedAtMs).toISOString(),
    arrivedAtMs,
    value: raw,
    raw,
    decode: () => undefined,
    payload: () => Buffer.from(JSON.stringify(raw)),
    attributes: {
      eventSourceArn,
      sequenceNumber: SequenceNumber,
      partitionKey,
      ...(raw.eventName !== undefined && { eventName: raw.eventName }),
    },
  };
}
