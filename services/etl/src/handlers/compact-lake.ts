import { S3Client } from '@aws-sdk/client-s3';
import { parquetFormat } from '@millrace/lake/parquet';
import { s3LakeObjects } from '@millrace/lake/s3';
import { DEFAULT_SETTINGS } from '@millrace/lake/table';
import { functionHandler, MetricUnit, metrics, traceClient } from '@millrace/middleware';
import { compactConfig as config } from '../compact-config.ts';
import { compactLake } from '../domain/compact-lake.ts';
import { pipelines } from '../domain/pipelines/index.ts';

const store = s3LakeObjects(traceClient(new S3Client()), config.LAKE_BUCKET);
const settings = {
  ...DEFAULT_SETTINGS,
  targetBytes: config.TARGET_MEGABYTES * 1024 * 1024,
  settleMs: config.SETTLE_SECONDS * 1000,
  graceMs: config.GRACE_HOURS * 3_600_000,
  ...(config.KEEP_DAYS !== 'none' && { keepDays: config.KEEP_DAYS }),
};
/** What one commit may take, at most. */
const RESERVED_MS = 300_000;

/** On schedule: what came into the lake becomes a commit of its table, which readers see as one. */
export const handler = functionHandler(async (_: unknown, { remainingMs, logger }) => {
  const done = await compactLake(Object.values(pipelines), {
    ...{ store, settings, format: parquetFormat, now: Date.now },
    bucket: config.LAKE_BUCKET,
    hasTimeLeft: () => remainingMs() > RESERVED_MS,
    onTable: (table, committed) => logger.info('table committed', { table, ...committed }),
    onFailure: (table, error) => logger.error('table not committed', { table, error }),
  });
  metrics.addMetric('LakeCommits', MetricUnit.Count, done.commits);
  metrics.addMetric('LakeRowsCommitted', MetricUnit.Count, done.rows);
});
