import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SSMClient } from '@aws-sdk/client-ssm';
import { dynamoDeadLetters, traceClient } from '@millrace/middleware';
import { databaseUrl } from '../adapters/postgres/database-url.ts';
import { postgresRows } from '../adapters/postgres/postgres-rows.ts';
import { createSqlSession } from '../adapters/postgres/sql-session.ts';
import { upsertHandler } from '../adapters/upsert-handler.ts';
import { sqlConfig } from '../sql-config.ts';

/** Every pipeline's function: the environment says which. */
export const handler = upsertHandler({
  table: sqlConfig.PIPELINE,
  rows: postgresRows(
    createSqlSession(
      databaseUrl(
        { url: sqlConfig.DATABASE_URL, parameter: sqlConfig.DATABASE_URL_PARAMETER },
        () => traceClient(new SSMClient()),
      ),
    ),
  ),
  deadLetters: dynamoDeadLetters({
    client: traceClient(new DynamoDBClient()),
    table: sqlConfig.DEAD_LETTERS_TABLE,
  }),
});
