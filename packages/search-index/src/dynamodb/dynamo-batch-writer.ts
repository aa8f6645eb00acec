import { setTimeout } from 'node:timers/promises';
import {
  BatchWriteCommand,
  type BatchWriteCommandInput,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { TransientError } from '@millrace/middleware';

/** What BatchWriteItem takes: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const ITEMS_PER_REQUEST = 25;
const REQUESTS_AT_ONCE = 8;
const MOST_ATTEMPTS = 8;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

type WriteRequest = NonNullable<BatchWriteCommandInput['RequestItems']>[string][number];

/** Writes many items of different keys, in any order; what DynamoDB puts off is sent again. */
export function batchWriter(client: DynamoDBDocumentClient, table: string) {
  async function send(requests: readonly WriteRequest[]): Promise<void> {
    let left = [...requests];
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const { UnprocessedItems } = await client.send(
        new BatchWriteCommand({ RequestItems: { [table]: left } }),
      );
      left = UnprocessedItems?.[table] ?? [];
      if (left.length === 0) return;
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
      await setTimeout(pause / 2 + (Math.random() * pause) / 2);
    }
    throw new TransientError(
      'search_index_busy',
      'The table of the search index is throttled: too many files with the same words at once.',
    );
  }

  async function sendAll(requests: readonly WriteRequest[]): Promise<void> {
    const batches = (function* () {
      for (let from = 0; from < requests.length; from += ITEMS_PER_REQUEST) {
        yield requests.slice(from, from + ITEMS_PER_REQUEST);
      }
    })();
    // All take from one iterator.
    const senders = Array.from({ length: REQUESTS_AT_ONCE }, async () => {
      for (const batch of batches) await send(batch);
    });
    await Promise.all(senders);
  }

  return {
    put: (items: readonly object[]) =>
      sendAll(items.map((Item) => ({ PutRequest: { Item: { ...Item } } }))),
    remove: (keys: readonly object[]) =>
      sendAll(keys.map((Key) => ({ DeleteRequest: { Key: { ...Key } } }))),
  };
}
