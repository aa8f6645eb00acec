import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
  paginateQuery,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { TransientError } from '@millrace/middleware';
import type {
  AnalyticsStore,
  ItemKey,
  SeenBlock,
  StoredDetails,
  StoredState,
} from '../domain/engine/analytics-store.ts';
import { actionsOf, positionKey } from './transaction-actions.ts';
import { outcomeOf } from './transaction-outcome.ts';

export interface DynamoAnalyticsStoreOptions {
  readonly client: DynamoDBClient;
  /** Each with the keys `pk`, `sk`; the last two with the TTL attribute `expiresAt`. */
  readonly metricsTable: string;
  readonly statesTable: string;
  readonly seenEventsTable: string;
}

type Item = Record<string, AttributeValue>;

/**
 * States, counters and the proofs that they hold an event, in DynamoDB. Numbers travel as text: a
 * double never touches a sum. The SDK gives every call its own ClientRequestToken and keeps it in its
 * own retries; a call after a timeout that told nothing has a new one and finds the blocks, if the
 * first had written them.
 */
export function dynamoAnalyticsStore(options: DynamoAnalyticsStoreOptions): AnalyticsStore {
  const { client, metricsTable, statesTable, seenEventsTable } = options;
  return {
    async readBlocks(places) {
      const keys = places.map(({ log, position }) => ({ pk: log, sk: positionKey(position) }));
      const items = await readItems(client, seenEventsTable, keys);
      return items.map((item) => item && blockOf(item));
    },
    async readSeen(log, after) {
      const pages = paginateQuery(
        { client },
        {
          TableName: seenEventsTable,
          KeyConditionExpression: 'pk = :log AND sk > :after',
          ExpressionAttributeValues: { ':log': { S: log }, ':after': { S: positionKey(after) } },
          ConsistentRead: true,
        },
      );
      const blocks: SeenBlock[] = [];
      for await (const { Items = [] } of pages) {
        blocks.push(...Items.map(blockOf));
      }
      return blocks;
    },
    async readStates(keys) {
      const items = await readItems(client, statesTable, keys);
      return items.map((item) => item && stateOf(item));
    },
    async readDetails(keys) {
      const items = await readItems(client, metricsTable, keys);
      return items.map((item) => item && detailsOf(item));
    },
    async commit(transaction) {
      const actions = actionsOf(transaction, options);
      try {
        await client.send(new TransactWriteItemsCommand({ TransactItems: actions }));
        return { kind: 'committed' };
      } catch (error) {
        return outcomeOf(error);
      }
    },
  };
}

function blockOf({ sk, digests }: Item): SeenBlock {
  return { position: Number(sk?.S), digests: digests?.B ?? new Uint8Array() };
}

function stateOf({ state, version }: Item): StoredState {
  return { state: state?.S, version: Number(version?.N ?? 0) };
}

function detailsOf({ version, min, max, quantiles, distinct, top }: Item): StoredDetails {
  return {
    version: Number(version?.N ?? 0),
    ...(min?.N !== undefined && { min: Number(min.N) }),
    ...(max?.N !== undefined && { max: Number(max.N) }),
    ...(quantiles?.B && { quantiles: quantiles.B }),
    ...(distinct?.B && { distinct: distinct.B }),
    ...(top?.B && { top: top.B }),
  };
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const KEYS_PER_REQUEST = 100;
const REQUESTS = 8;
const MOST_ROUNDS = 8;

async function readItems(
  client: DynamoDBClient,
  table: string,
  keys: readonly ItemKey[],
): Promise<(Item | undefined)[]> {
  const found = new Map<string, Item>();
  const requests: ItemKey[][] = [];
  for (let at = 0; at < keys.length; at += KEYS_PER_REQUEST) {
    requests.push(keys.slice(at, at + KEYS_PER_REQUEST));
  }
  const waiting = requests.values();
  const reader = async () => {
    for (const request of waiting) await readSome(client, table, request, found);
  };
  await Promise.all(Array.from({ length: Math.min(REQUESTS, requests.length) }, reader));
  return keys.map((key) => found.get(nameOf(key)));
}

/** What a request leaves out (16 MB, throttling) is asked for again. */
async function readSome(
  client: DynamoDBClient,
  table: string,
  keys: readonly ItemKey[],
  found: Map<string, Item>,
): Promise<void> {
  let open: Item[] | undefined = keys.map(({ pk, sk }) => ({ pk: { S: pk }, sk: { S: sk } }));
  for (let round = 1; open && open.length > 0; round += 1) {
    if (round > MOST_ROUNDS) {
      throw new TransientError(
        'states_unreadable',
        'The table is throttled; the records come again.',
      );
    }
    if (round > 1)
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** round));
    const answer: BatchGetItemCommandOutput = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: open, ConsistentRead: true } } }),
    );
    for (const item of answer.Responses?.[table] ?? []) {
      found.set(nameOf({ pk: String(item.pk?.S), sk: String(item.sk?.S) }), item);
    }
    open = answer.UnprocessedKeys?.[table]?.Keys;
  }
}

function nameOf({ pk, sk }: ItemKey): string {
  return `${pk}\n${sk}`;
}
