import { S3Client } from '@aws-sdk/client-s3';
import { traceClient } from '@millrace/middleware';

/** Kept back of an invocation: longer than what is begun may take, and the answer. */
export const ARCHIVE_RESERVED_MS = 35_000;

/** As with DynamoDB (`boundedDynamoDb`): a request that hangs must not take the invocation with it. */
export function boundedS3(): S3Client {
  return traceClient(
    new S3Client({
      maxAttempts: 3,
      requestHandler: {
        connectionTimeout: 1_000,
        requestTimeout: 10_000,
        throwOnRequestTimeout: true,
      },
    }),
  );
}
