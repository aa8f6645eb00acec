import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { traceClient } from '@millrace/middleware';
import type { config } from '../config.ts';
import { dynamoFileRecords } from './dynamo-file-records.ts';
import { s3Derivatives } from './s3-derivatives.ts';
import { s3Media } from './s3-media.ts';
import { s3Quarantine } from './s3-quarantine.ts';
import { s3Uploads } from './s3-uploads.ts';

/** The ports of the domain on AWS; clients find their endpoint and credentials by themselves. */
export function adapters(settings: typeof config) {
  const { FILES_TABLE, REMOVALS_TABLE, MEDIA_BUCKET, QUARANTINE_BUCKET } = settings;
  const s3 = traceClient(new S3Client());
  return {
    uploads: s3Uploads(s3),
    media: s3Media(s3, MEDIA_BUCKET),
    quarantine: s3Quarantine(s3, QUARANTINE_BUCKET),
    derivatives: s3Derivatives(s3, [MEDIA_BUCKET, QUARANTINE_BUCKET]),
    files: dynamoFileRecords({
      client: traceClient(new DynamoDBClient()),
      filesTable: FILES_TABLE,
      removalsTable: REMOVALS_TABLE,
    }),
  };
}
