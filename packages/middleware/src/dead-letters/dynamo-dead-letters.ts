import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { DeadLetter, DeadLetterStore } from './dead-letter-store.ts';

const compress = promisify(zstdCompress);

/** An item may hold 400 KB, names and other attributes included. */
const BYTES_PER_ITEM = 350 * 1024;
const KEPT_SECONDS = 30 * 24 * 60 * 60;

export interface DynamoDeadLettersOptions {
  readonly client: DynamoDBClient;
  /** Keys `pk`, `sk`; TTL attribute `expiresAt`. */
  readonly table: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * Dead letters in a DynamoDB table: `pk` the source, `sk` the id, `status` `open`, kept 30 days.
 * The payload is compressed by zstd; what does not fit into the item lies before it in items
 * `<id>#part#<digest>#<n>`. The letter itself is written last: it is there whole or not at all.
 */
export function dynamoDeadLetters(options: DynamoDeadLettersOptions): DeadLetterStore {
  const { client, table, now = Date.now } = options;
  return {
    async addOnce(letter) {
      const at = now();
      const expiresAt = { N: String(Math.floor(at / 1000) + KEPT_SECONDS) };
      const packed = await compress(letter.payload);
      // Of the compressed bytes: another version of zstd must not overwrite the parts of a letter.
      const digest = createHash('sha256').update(packed).digest('hex').slice(0, 16);
      const [first = Buffer.alloc(0), ...others] = slices(packed);
      for (const [index, part] of others.entries()) {
        const sk = partKey(letter.id, digest, index + 1);
        const Item = { pk: { S: letter.source }, sk: { S: sk }, payload: { B: part }, expiresAt };
        await client.send(new PutItemCommand({ TableName: table, Item }));
      }
      await putUnlessThere(client, table, {
        ...headOf(letter, at),
        payload: { B: first },
        parts: { N: String(others.length) },
        digest: { S: digest },
        expiresAt,
      });
    },
  };
}

/** Sort key of the nth (from 1) further part of a letter's compressed payload. */
export function partKey(id: string, digest: string, part: number): string {
  return `${id}#part#${digest}#${String(part).padStart(4, '0')}`;
}

function headOf(letter: DeadLetter, at: number): Record<string, AttributeValue> {
  const attributes = Object.entries(letter.attributes ?? {}).map(([name, value]) => [
    name,
    { S: value },
  ]);
  return {
    pk: { S: letter.source },
    sk: { S: letter.id },
    status: { S: 'open' },
    reasonCode: { S: letter.reason.code },
    reasonMessage: { S: letter.reason.message.slice(0, 4096) },
    encoding: { S: 'zstd' },
    payloadBytes: { N: String(letter.payload.byteLength) },
    createdAt: { S: new Date(at).toISOString() },
    attributes: { M: Object.fromEntries(attributes) },
    ...(letter.arrivedAt !== undefined && { arrivedAt: { S: letter.arrivedAt } }),
  };
}

async function putUnlessThere(
  client: DynamoDBClient,
  table: string,
  Item: Record<string, AttributeValue>,
): Promise<void> {
  try {
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item,
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
  } catch (error) {
    // It is there: this is a retry, or an operator has already dealt with it.
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

function slices(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += BYTES_PER_ITEM) {
    parts.push(bytes.subarray(at, at + BYTES_PER_ITEM));
  }
  return parts;
}
