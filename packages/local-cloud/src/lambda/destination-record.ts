import type { InvokeResult } from '../ports.ts';
import { functionArn } from './function-arn.ts';

export type AsyncCondition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded';

/**
 * The record that Lambda sends to the destination of an asynchronous invocation, in AWS's order of
 * keys. `lastResult` is missing when the event grew too old without ever being answered.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
export function destinationRecord(record: {
  functionName: string;
  requestId: string;
  condition: AsyncCondition;
  invokeCount: number;
  requestPayload: unknown;
  lastResult: Extract<InvokeResult, { payload: unknown }> | undefined;
  now: number;
}): string {
  const { lastResult } = record;
  return JSON.stringify({
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
  });
}
