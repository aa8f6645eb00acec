import { functionArn } from '../../lambda/function-arn.ts';
import type { Discard } from './segment.ts';

/**
 * The record that goes to a mapping's on-failure destination, in AWS's order of keys. For a queue
 * or topic it is metadata only: what it names is still in the stream until the retention ends. A
 * bucket gets the event as well, as JSON text in `payload`.
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
export function discardRecord(details: {
  kind: 'kinesis' | 'dynamodb';
  functionName: string;
  shardId: string;
  streamArn: string;
  discard: Discard;
  requestId: string;
  now: number;
  payload?: string;
}): string {
  const { discard, kind } = details;
  const { records, lastFailure } = discard;
  const first = records[0];
  const last = records.at(-1);
  if (!first || !last) throw new Error('A discard holds at least one record.');
  const arrival = kind === 'kinesis' ? isoMilliseconds : isoSeconds;
  const batchInfo = {
    shardId: details.shardId,
    startSequenceNumber: first.sequenceNumber,
    endSequenceNumber: last.sequenceNumber,
    approximateArrivalOfFirstRecord: arrival(first.arrivedAt),
    approximateArrivalOfLastRecord: arrival(last.arrivedAt),
    batchSize: records.length,
    streamArn: details.streamArn,
  };
  return JSON.stringify({
    requestContext: {
      requestId: lastFailure?.requestId ?? details.requestId,
      functionArn: functionArn(details.functionName),
      condition: discard.condition,
      approximateInvokeCount: discard.invokeCount,
    },
    // A batch that only grew too old has no response; a partial failure has no function error.
    ...(lastFailure && {
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        functionError: lastFailure.functionError ? 'Unhandled' : null,
      },
    }),
    version: '1.0',
    timestamp: isoMilliseconds(details.now),
    [kind === 'kinesis' ? 'KinesisBatchInfo' : 'DDBStreamBatchInfo']: batchInfo,
    ...(details.payload !== undefined && { payload: details.payload }),
  });
}

const isoMilliseconds = (instant: number) => new Date(instant).toISOString();
const isoSeconds = (instant: number) => isoMilliseconds(instant).replace(/\.\d{3}Z$/, 'Z');
