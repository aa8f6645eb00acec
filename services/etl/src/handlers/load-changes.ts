import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { parquetFormat } from '@millrace/lake/parquet';
import { s3LakeObjects } from '@millrace/lake/s3';
import { dynamoDeadLetters, traceClient } from '@millrace/middleware';
import { loadHandler } from '../adapters/load-handler.ts';
import { config } from '../config.ts';

/** Every pipeline's function: the environment says which. */
export const handler = loadHandler({
  table: config.PIPELINE,
  lake: {
    objects: s3LakeObjects(traceClient(new S3Client()), config.LAKE_BUCKET),
    format: parquetFormat,
    pause: (ms) => setTimeout(Math.random() * ms),
  },
  deadLetters: dynamoDeadLetters({
    client: traceClient(new DynamoDBClient()),
    table: config.DEAD_LETTERS_TABLE,
  }),
});
