import type { InvokeResult } from '../ports.ts';
import { functionArn } from './function-arn.ts';

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const MAX_TOPIC_MESSAGE_BYTES = 262_144;

export type AsyncCondition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded';

/**
 * The record that Lambda sends to the destination of an asynchronous invocation, in AWS's order of
 * keys. `lastResult` is missing when the event grew too old without ever being answered. A topic
 * that would not take request and response gets the record without them.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 * https://docs.aws.amazon.com/lambda/latest/api/API_OnFailure.html
 */
export function destinationRecord(record: {
  functionName: string;
  requestId: string;
  condition: AsyncCondition;
  invokeCount: number;
  requestPayload: unknown;
  lastResult: Extract<InvokeResult, { payload: unknown }> | undefined;
  now: number;
  targetArn: string;
}): string {
  const { lastResult } = record;
  const whole = {
    version: '1.0',
    timestamp: new Date(record.now).toISOString(),
    requestContext: {
      requestId: record.requestId,
      functionArn: `${functionArn(record.functionName)}:$LATEST`,
      condition: record.condition,
      approximateInvokeCount: record.invokeCount,
    },
    requestPayload: record.requestPayload,
    ...(lastResult && {
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        ...(lastResult.kind === 'function-error' && { functionError: 'Unhandled' }),
      },
      responsePayload: lastResult.payload,
    }),
  };
  const text = JSON.stringify(whole);
  const fits = !isTopic(record.targetArn) || Buffer.byteLength(text) <= MAX_TOPIC_MESSAGE_BYTES;
  return fits
    ? text
    : JSON.stringify({ ...whole, requestPayload: undefined, responsePayload: undefined });
}

function isTopic(arn: string): boolean {
  return arn.split(':')[2] === 'sns';
}
