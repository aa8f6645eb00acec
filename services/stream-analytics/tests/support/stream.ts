import { setTimeout as sleep } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import { type AttributeValue, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';

export interface Sent {
  readonly PartitionKey: string;
  readonly ExplicitHashKey?: string;
  readonly Data: Uint8Array;
}

/** One key in each of two shards. */
export const HASH_KEYS = ['0', String(2n ** 128n - 1n)] as const;

const BYTES_PER_REQUEST = 4_000_000;

/** Puts records on `events`, in their order where nothing is throttled; what is refused is sent again. */
export async function putRecords(kinesis: KinesisClient, records: readonly Sent[]): Promise<void> {
  for (const request of requestsOf(records)) {
    for (let left = request; left.length > 0; ) {
      const answer = await kinesis.send(
        new PutRecordsCommand({ StreamName: 'millrace-local-events', Records: left }),
      );
      left = left.filter((_, index) => answer.Records?.[index]?.ErrorCode !== undefined);
      if (left.length > 0) await sleep(100);
    }
  }
}

function requestsOf(records: readonly Sent[]): Sent[][] {
  const requests: Sent[][] = [[]];
  let bytes = 0;
  for (const one of records) {
    const last = requests.at(-1) ?? [];
    bytes += one.Data.byteLength;
    if (last.length < 500 && bytes <= BYTES_PER_REQUEST) {
      last.push(one);
    } else {
      requests.push([one]);
      bytes = one.Data.byteLength;
    }
  }
  return requests;
}

export interface Letter {
  readonly code: string;
  /** The record as it came. */
  readonly payload: Buffer;
}

/** The dead letters of a function, whole: their parts put together. */
export async function lettersOf(client: DynamoDBClient, functionName: string): Promise<Letter[]> {
  const items: Record<string, AttributeValue>[] = [];
  const query = {
    TableName: 'millrace-local-stream-analytics-dead-letters',
    KeyConditionExpression: 'pk = :source',
    ExpressionAttributeValues: {
      ':source': { S: `millrace-stream-analytics-local-${functionName}` },
    },
    ConsistentRead: true,
  };
  for await (const { Items = [] } of paginateQuery({ client }, query)) items.push(...Items);
  const isPart = ({ sk }: Record<string, AttributeValue>) => sk?.S?.includes('#part#') === true;
  const parts = items.filter(isPart);
  return items
    .filter((item) => !isPart(item))
    .map((item) => {
      const prefix = `${item.sk?.S}#part#${item.digest?.S}#`;
      const own = parts.filter(({ sk }) => sk?.S?.startsWith(prefix));
      const bytes = [item, ...own].map(({ payload }) => payload?.B ?? Buffer.alloc(0));
      return {
        code: String(item.reasonCode?.S),
        payload: zstdDecompressSync(Buffer.concat(bytes)),
      };
    });
}
