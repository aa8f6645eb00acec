import type { Lake } from '@millrace/lake';
import { type DeadLetterStore, dynamodbStreamHandler } from '@millrace/middleware';
import { loadChanges } from '../domain/load-changes.ts';
import { pipelines } from '../domain/pipelines/index.ts';
import { toChange } from './stream-change.ts';

export interface LoadHandlerOptions {
  /** Names the pipeline. */
  readonly table: string;
  readonly lake: Lake;
  readonly deadLetters: DeadLetterStore;
}

/** The Lambda function that takes the changes of one table into the lake. */
export function loadHandler({ table, lake, deadLetters }: LoadHandlerOptions) {
  const pipeline = pipelines[table];
  if (!pipeline) throw new TypeError(`There is no pipeline for a table ${table}.`);
  return dynamodbStreamHandler({
    deadLetters,
    async processBatch(records, invocation, putAside) {
      const recordOf = new Map(records.map((record) => [record.id, record]));
      const loaded = await loadChanges(
        records.map(toChange),
        pipeline,
        lake,
        async (change, why) => {
          const record = recordOf.get(change.id);
          if (record) await putAside(record, why);
        },
      );
      invocation.logger.info('changes loaded', { table, ...loaded });
    },
  });
}
