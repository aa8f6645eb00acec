import { S3Client } from '@aws-sdk/client-s3';
import { traceClient } from '@millrace/middleware';

/**
 * Kept back of an invocation: longer than a request that hangs through all its attempts (three of 5 s,
 * then its body), what three other objects are worked at meanwhile, and the answer.
 */
export const ARCHIVE_RESERVED_MS = 30_000;

/** As with DynamoDB (`boundedDynamoDb`): a request that hangs must not take the invocation with it. */
export function boundedS3(): S3Client {
  return traceClient(
    new S3Client({
      maxAttempts: 3,
      requestHandler: {
        connectionTimeout: 1_000,
        requestTimeout: 5_000,
        throwOnRequestTimeout: true,
        // An answer that stops in its body.
        socketTimeout: 5_000,
      },
    }),
  );
}
