import { setTimeout } from 'node:timers/promises';
import { BatchGetCommand, type BatchGetCommandInput } from '@aws-sdk/lib-dynamodb';
import { TransientError } from '@millrace/middleware';
import type { Table } from './tables.ts';

/** What BatchGetItem takes: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const KEYS_PER_REQUEST = 100;
const MOST_ATTEMPTS = 6;
const FIRST_PAUSE_MS = 25;

type Keys = NonNullable<NonNullable<BatchGetCommandInput['RequestItems']>[string]['Keys']>;

interface BatchGetOptions {
  readonly isConsistent?: boolean;
  /** Default: all. */
  readonly attributes?: readonly string[];
}

/** The items of these keys, in any order, without those that are not there. Keys must differ. */
export async function batchGet<T extends object>(
  table: Table,
  keys: readonly Readonly<Record<string, string>>[],
  options: BatchGetOptions = {},
): Promise<T[]> {
  const requests: Promise<T[]>[] = [];
  for (let from = 0; from < keys.length; from += KEYS_PER_REQUEST) {
    requests.push(getSome<T>(table, [...keys.slice(from, from + KEYS_PER_REQUEST)], options));
  }
  return (await Promise.all(requests)).flat();
}

async function getSome<T extends object>(
  { client, name }: Table,
  keys: Keys,
  { isConsistent: ConsistentRead = false, attributes }: BatchGetOptions,
): Promise<T[]> {
  const projection = attributes && projectionOf(attributes);
  const items: T[] = [];
  let left = keys;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetCommand({
        RequestItems: { [name]: { Keys: left, ConsistentRead, ...projection } },
      }),
    );
    // The tables hold what their owners write: items of one type by their key.
    items.push(...((Responses?.[name] ?? []) as T[]));
    left = UnprocessedKeys?.[name]?.Keys ?? [];
    if (left.length === 0) return items;
    await setTimeout(FIRST_PAUSE_MS * 2 ** attempt * (1 + Math.random()));
  }
  throw new TransientError('table_throttled', `DynamoDB does not give all items of ${name}.`);
}

/** Some names are words of DynamoDB's own: all are given by placeholders. */
function projectionOf(attributes: readonly string[]) {
  return {
    ProjectionExpression: attributes.map((_, at) => `#${at}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(attributes.map((name, at) => [`#${at}`, name])),
  };
}
