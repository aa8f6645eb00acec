import { setTimeout } from 'node:timers/promises';
import { ClosedObjects } from '@millrace/lake';
import { parquetFormat } from '@millrace/lake/parquet';
import { s3LakeObjects } from '@millrace/lake/s3';
import { dynamoDeadLetters, kinesisHandler, MetricUnit, metrics } from '@millrace/middleware';
import { boundedDynamoDb } from '../adapters/dynamodb-client.ts';
import { ARCHIVE_RESERVED_MS, boundedS3 } from '../adapters/s3-client.ts';
import { s3PseudonymKeys } from '../adapters/s3-pseudonym-keys.ts';
import { readArchiveConfig } from '../config.ts';
import { archiveBatch } from '../domain/archive/archive-batch.ts';
import { PseudonymMaker } from '../domain/archive/pseudonyms.ts';
import { parseJson, readEvent } from '../domain/incoming-event.ts';

const { ARCHIVE_BUCKET, PSEUDONYM_KEYS_BUCKET, DEAD_LETTERS_TABLE } = readArchiveConfig();
const s3 = boundedS3();
const lake = {
  objects: s3LakeObjects(s3, ARCHIVE_BUCKET),
  format: parquetFormat,
  pause: (ms: number) => setTimeout(Math.random() * ms),
  closed: new ClosedObjects(),
};
const pseudonyms = new PseudonymMaker(s3PseudonymKeys(s3, PSEUDONYM_KEYS_BUCKET));

/** Stream `events` → cleansed rows and kept lines of logs in the lake, each event once. */
export const handler = kinesisHandler({
  deadLetters: dynamoDeadLetters({ client: boundedDynamoDb(), table: DEAD_LETTERS_TABLE }),
  decode: (data) => readEvent(parseJson(data)),
  processBatch: async (records, invocation, putAside) => {
    const hasTimeLeft = () => invocation.remainingMs() > ARCHIVE_RESERVED_MS;
    const counts = await archiveBatch(records, { lake, pseudonyms, hasTimeLeft, putAside });
    metrics.addMetric('EventsArchived', MetricUnit.Count, counts.rows);
    metrics.addMetric('EventsLeftOut', MetricUnit.Count, counts.leftOut);
  },
});
