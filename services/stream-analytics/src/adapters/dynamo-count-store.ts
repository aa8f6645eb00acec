import {
  type CancellationReason,
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { PermanentError } from '@millrace/middleware';
import type { Increment } from '../domain/counting/contributions.ts';
import type { CommitOutcome, CountStore } from '../domain/counting/count-store.ts';
import { decimalText } from '../domain/decimal.ts';

export interface DynamoCountStoreOptions {
  readonly client: DynamoDBClient;
  readonly metricsTable: string;
  /** Keys `pk`; TTL attribute `expiresAt`. */
  readonly eventIdsTable: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * How long a claim stays, and with it the promise that an event is counted once. Longer than
 * anything of ours keeps a record that could come again: the stream (24 h), the failures queue
 * (14 days), the dead letters (30 days).
 */
const CLAIM_DAYS = 35;

/**
 * Claims and counts in DynamoDB, by one TransactWriteItems per commit. The SDK gives every call its
 * own ClientRequestToken and keeps it in its own retries; a call after a timeout that told nothing
 * has a new one and finds the claims, if the first had written them.
 *
 * Numbers travel as text: a double never touches a sum.
 */
export function dynamoCountStore(options: DynamoCountStoreOptions): CountStore {
  const { client, metricsTable, eventIdsTable, now = Date.now } = options;
  return {
    async commit(claims, increments) {
      const expiresAt = String(Math.floor(now() / 1000) + CLAIM_DAYS * 86_400);
      try {
        await client.send(
          new TransactWriteItemsCommand({
            TransactItems: [
              ...claims.map((claim) => claimAction(eventIdsTable, claim, expiresAt)),
              ...increments.map((increment) => addAction(metricsTable, increment)),
            ],
          }),
        );
        return { kind: 'committed' };
      } catch (error) {
        return outcomeOf(error, claims);
      }
    },
  };
}

function claimAction(TableName: string, claim: string, expiresAt: string): TransactWriteItem {
  return {
    Put: {
      TableName,
      Item: { pk: { S: claim }, expiresAt: { N: expiresAt } },
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  };
}

function addAction(TableName: string, increment: Increment): TransactWriteItem {
  const dimensions = Object.entries(increment.dimensions).map(([name, value]) => [
    name,
    { S: value },
  ]);
  return {
    Update: {
      TableName,
      Key: { pk: { S: increment.pk }, sk: { S: increment.sk } },
      UpdateExpression:
        'ADD #count :count, #sum :sum SET #tenant = :tenant, #metric = :metric, #minute = :minute, #dimensions = :dimensions',
      ExpressionAttributeNames: {
        '#count': 'count',
        '#sum': 'sum',
        '#tenant': 'tenant',
        '#metric': 'metric',
        '#minute': 'minute',
        '#dimensions': 'dimensions',
      },
      ExpressionAttributeValues: {
        ':count': { N: String(increment.count) },
        ':sum': { N: decimalText(increment.sum) },
        ':tenant': { S: increment.tenant },
        ':metric': { S: increment.metric },
        ':minute': { S: increment.minute },
        ':dimensions': { M: Object.fromEntries(dimensions) },
      },
    },
  };
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
function outcomeOf(error: unknown, claims: readonly string[]): CommitOutcome {
  if (error instanceof TransactionCanceledException) {
    return outcomeOfCancellation(error.CancellationReasons ?? [], claims, error);
  }
  const name = error instanceof Error ? error.name : '';
  if (BUSY.has(name)) return { kind: 'contended', cause: error };
  if (name === 'ValidationException') return { kind: 'refused', cause: refusal(error) };
  throw error;
}

function outcomeOfCancellation(
  reasons: readonly CancellationReason[],
  claims: readonly string[],
  cause: unknown,
): CommitOutcome {
  const known = claims.filter((_, index) => reasons[index]?.Code === 'ConditionalCheckFailed');
  if (known.length > 0) return { kind: 'duplicates', claims: new Set(known) };
  const codes = reasons.map(({ Code }) => Code);
  if (codes.some((code) => code !== undefined && BUSY.has(code)))
    return { kind: 'contended', cause };
  if (codes.includes('ValidationError')) return { kind: 'refused', cause: refusal(cause) };
  throw cause;
}

function refusal(cause: unknown): PermanentError {
  const message =
    'The table refuses the result: a sum would need more than 38 digits, or the item is invalid.';
  return new PermanentError('count_refused', message, { cause });
}

/** Exceptions and cancellation reasons that pass by themselves. */
const BUSY: ReadonlySet<string> = new Set([
  'TransactionConflict',
  'TransactionConflictException',
  'TransactionInProgressException',
  'ThrottlingError',
  'ThrottlingException',
  'ProvisionedThroughputExceeded',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
]);
