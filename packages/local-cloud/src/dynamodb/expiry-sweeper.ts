import type { Clock } from '../clock.ts';
import { type EngineCalls, EngineError } from '../resources/aws-json.ts';
import { type ExpiredItem, type ExpiringTable, type ExpiryIndex, MARKS } from './expiry-index.ts';

/** AWS deletes expired items within a few days; here it takes about this long, in milliseconds. */
const SWEEP_INTERVAL_MS = 5_000;
const PAGE_ITEMS = 100;
const YEARS_BACK = 5;

const target = 'DynamoDB_20120810';

export interface ExpirySweeper {
  /** Deletes everything that has expired by now; resolves with how many items that were. */
  sweep(): Promise<number>;
  /** Sweeps every few seconds of the clock from now on. */
  start(): void;
  close(): Promise<void>;
}

/**
 * Deletes items whose Time to Live has passed, as the service would: an item that was changed in the
 * meantime stays, one that expired more than five years ago stays, and the record in the table's
 * stream names the service as the one who deleted.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
 */
export function createExpirySweeper(options: {
  readonly index: ExpiryIndex;
  readonly calls: EngineCalls;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}): ExpirySweeper {
  const { index, calls, clock, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let running: Promise<void> | undefined;
  let canMark = false;

  async function sweep(): Promise<number> {
    await removeLeftMarks();
    let deleted = 0;
    for (const table of index.tables()) {
      if (signal.aborted) break;
      deleted += await sweepTable(table);
    }
    return deleted;
  }

  async function sweepTable(table: ExpiringTable): Promise<number> {
    let deleted = 0;
    const range = { from: yearsBefore(clock.now()), to: clock.now() / 1000 };
    for (const page of index.pages(table, range, PAGE_ITEMS)) {
      for (const item of page) {
        if (signal.aborted) return deleted;
        if (await deleteItem(table, item)) deleted += 1;
      }
    }
    return deleted;
  }

  /** False when the item is gone, or has another expiry by now. */
  async function deleteItem(table: ExpiringTable, { key, expiry }: ExpiredItem): Promise<boolean> {
    const request = {
      TableName: table.name,
      Key: key,
      ConditionExpression: '#expiry = :seen',
      ExpressionAttributeNames: { '#expiry': table.attribute },
      ExpressionAttributeValues: { ':seen': { N: expiry } },
    };
    try {
      if (table.hasStream) await deleteMarked(table.name, request);
      else await calls.call(`${target}.DeleteItem`, request);
      return true;
    } catch (error) {
      if (isConditionFailure(error)) return false;
      throw error;
    }
  }

  async function deleteMarked(table: string, request: Record<string, unknown>): Promise<void> {
    if (!canMark) await prepareMarks();
    // The mark first: the trigger looks for it when the delete writes its record.
    const mark = { TableName: MARKS, Item: { table: { S: table } } };
    const TransactItems = [{ Put: mark }, { Delete: request }];
    await calls.call(`${target}.TransactWriteItems`, { TransactItems });
  }

  async function prepareMarks(): Promise<void> {
    try {
      await calls.call(`${target}.CreateTable`, {
        TableName: MARKS,
        AttributeDefinitions: [{ AttributeName: 'table', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'table', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      });
    } catch (error) {
      // Of an earlier start.
      if (!(error instanceof EngineError) || error.type !== 'ResourceInUseException') throw error;
    }
    index.markDeletes();
    canMark = true;
  }

  /** A stream that was switched off under a delete took no mark: nobody else's delete may have it. */
  async function removeLeftMarks(): Promise<void> {
    for (const table of index.leftMarks()) {
      await calls.call(`${target}.DeleteItem`, { TableName: MARKS, Key: { table: { S: table } } });
    }
  }

  async function run(): Promise<void> {
    let told = '';
    while (await clock.sleep(SWEEP_INTERVAL_MS, signal)) {
      try {
        await sweep();
        told = '';
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        // The next turn tries again; the log needs the same reason once.
        if (!signal.aborted && reason !== told) log(`dynamodb: expired items stay: ${reason}`);
        told = reason;
      }
    }
  }

  return {
    sweep,
    start() {
      running ??= run();
    },
    async close() {
      stopping.abort();
      await running;
      index.close();
    },
  };
}

function isConditionFailure(error: unknown): boolean {
  if (!(error instanceof EngineError)) return false;
  if (error.type === 'ConditionalCheckFailedException') return true;
  return (
    error.type === 'TransactionCanceledException' &&
    error.message.includes('ConditionalCheckFailed')
  );
}

/** In seconds since the epoch. "An expiry of more than five years ago is not acted upon." */
function yearsBefore(now: number): number {
  const date = new Date(now);
  date.setUTCFullYear(date.getUTCFullYear() - YEARS_BACK);
  return date.getTime() / 1000;
}
