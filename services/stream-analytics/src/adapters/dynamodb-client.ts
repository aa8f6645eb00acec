import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { traceClient } from '@millrace/middleware';

/** Kept back of an invocation: longer than a request that hangs through all its attempts, and the answer. */
export const RESERVED_MS = 16_000;

/**
 * A request that hangs is given up while there is still time to answer a partial batch: without
 * limits (the SDK's default) it would take the whole invocation with it. What the request did is
 * unknown then; every write of this service may be sent again.
 */
export function boundedDynamoDb(): DynamoDBClient {
  return traceClient(
    new DynamoDBClient({
      maxAttempts: 3,
      requestHandler: {
        connectionTimeout: 1_000,
        requestTimeout: 4_000,
        throwOnRequestTimeout: true,
      },
    }),
  );
}
