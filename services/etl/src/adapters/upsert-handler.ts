import { type DeadLetterStore, dynamodbStreamHandler } from '@millrace/middleware';
import { pipelines } from '../domain/pipelines/index.ts';
import { type NewestRows, sinkChanges } from '../domain/sql/sink-changes.ts';
import { toChange } from './stream-change.ts';

export interface UpsertHandlerOptions {
  /** Names the pipeline. */
  readonly table: string;
  readonly rows: NewestRows;
  readonly deadLetters: DeadLetterStore;
}

/** The Lambda function that takes the changes of one table into PostgreSQL. */
export function upsertHandler({ table, rows, deadLetters }: UpsertHandlerOptions) {
  const pipeline = pipelines[table];
  const sql = pipeline?.sql;
  if (!sql) throw new TypeError(`There is no pipeline into PostgreSQL for a table ${table}.`);
  return dynamodbStreamHandler({
    deadLetters,
    async processBatch(records, invocation, putAside) {
      const recordOf = new Map(records.map((record) => [record.id, record]));
      const changes = records.map(toChange);
      const sunk = await sinkChanges(changes, pipeline, sql, rows, async (change, why) => {
        const record = recordOf.get(change.id);
        if (record) await putAside(record, why);
      });
      invocation.logger.info('changes sunk', { table, ...sunk });
    },
  });
}
