import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { ConfigError, traceClient } from '@millrace/middleware';
import { dynamoSearchIndex } from '@millrace/search-index/dynamodb';
import type { config, routerConfig, workerConfig } from '../config.ts';
import type { Derivatives } from '../domain/ports.ts';
import { dynamoFileCatalogue } from './dynamo-file-catalogue.ts';
import { dynamoFileRecords } from './dynamo-file-records.ts';
import { s3Derivatives } from './s3-derivatives.ts';
import { s3Products } from './s3-products.ts';
import { s3Quarantine } from './s3-quarantine.ts';
import { s3Uploads } from './s3-uploads.ts';
import { scannerFrom } from './scanner.ts';
import { sqsFailures } from './sqs-failures.ts';
import { sqsWorkQueues } from './sqs-work-queues.ts';

/** What all functions need; clients find their endpoint and credentials by themselves. */
export function adapters(settings: ReturnType<typeof config>) {
  const { FILES_TABLE, REMOVALS_TABLE, MEDIA_BUCKET, QUARANTINE_BUCKET, LAKE_BUCKET } = settings;
  const s3 = traceClient(new S3Client());
  const client = traceClient(new DynamoDBClient());
  const search = dynamoSearchIndex({ client, table: settings.SEARCH_TABLE });
  const objects = s3Derivatives(s3, {
    byFile: [MEDIA_BUCKET, QUARANTINE_BUCKET],
    lake: LAKE_BUCKET,
  });
  const derivatives: Derivatives = {
    prune: objects.prune,
    async remove(file, matches) {
      await Promise.all([objects.remove(file, matches), search.remove(file, matches)]);
    },
  };
  return {
    s3,
    search,
    derivatives,
    uploads: s3Uploads(s3),
    products: s3Products(s3, { media: MEDIA_BUCKET, lake: LAKE_BUCKET }),
    quarantine: s3Quarantine(s3, QUARANTINE_BUCKET),
    files: dynamoFileRecords({
      client,
      filesTable: FILES_TABLE,
      removalsTable: REMOVALS_TABLE,
    }),
  };
}

export function routerAdapters(settings: ReturnType<typeof routerConfig>) {
  const urls = JSON.parse(settings.WORK_QUEUES) as Readonly<Record<string, string>>;
  const sqs = traceClient(new SQSClient());
  return {
    ...adapters(settings),
    work: sqsWorkQueues(sqs, (kind) => {
      const url = urls[kind];
      if (url === undefined) throw new ConfigError(`WORK_QUEUES names no queue for ${kind}.`);
      return url;
    }),
  };
}

export function redoingAdapters(settings: ReturnType<typeof routerConfig>) {
  const client = traceClient(new DynamoDBClient());
  return {
    ...routerAdapters(settings),
    catalogue: dynamoFileCatalogue(client, settings.FILES_TABLE),
  };
}

export function workerAdapters(settings: ReturnType<typeof workerConfig>) {
  const { WORK_QUEUE_URL, FAILURES_QUEUE_URL } = settings;
  const sqs = traceClient(new SQSClient());
  const shared = adapters(settings);
  return {
    ...shared,
    sqs,
    scanner: scannerFrom(settings, shared),
    unscannable: settings.UNSCANNABLE,
    work: sqsWorkQueues(sqs, () => WORK_QUEUE_URL),
    failures: sqsFailures(sqs, FAILURES_QUEUE_URL),
  };
}
