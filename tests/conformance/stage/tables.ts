import {
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  PutItemCommand,
  type StreamViewType,
} from '@aws-sdk/client-dynamodb';
import type { StageTools } from './sources.ts';

type Image = Record<string, Record<string, unknown>>;

export interface Table {
  readonly name: string;
  readonly streamArn: string;
  /** Puts `{id, …}`; strings and numbers become S and N. */
  put(item: Readonly<Record<string, string | number>>): Promise<void>;
  remove(id: string): Promise<void>;
}

/** What a function gets from a DynamoDB stream. */
export interface DynamoDbEvent {
  readonly Records: readonly {
    readonly eventID: string;
    readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
    readonly eventSource: string;
    readonly eventSourceARN: string;
    readonly userIdentity?: { readonly type: string; readonly principalId: string };
    readonly dynamodb: {
      readonly Keys: Image;
      readonly NewImage?: Image;
      readonly OldImage?: Image;
      readonly SequenceNumber: string;
      readonly SizeBytes: number;
      readonly StreamViewType: string;
      readonly ApproximateCreationDateTime: number;
    };
  }[];
}

export function openTables({ clients, name, eventually, atEnd }: StageTools) {
  const { dynamodb } = clients;

  return {
    /** A table with the key `id` (a string) and a stream. */
    async table(StreamViewType: StreamViewType = 'NEW_AND_OLD_IMAGES'): Promise<Table> {
      const TableName = name('table');
      await dynamodb.send(
        new CreateTableCommand({
          TableName,
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          BillingMode: 'PAY_PER_REQUEST',
          StreamSpecification: { StreamEnabled: true, StreamViewType },
        }),
      );
      atEnd(() => dynamodb.send(new DeleteTableCommand({ TableName })));
      const streamArn = await eventually('the table is active', async () => {
        const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
        return Table?.TableStatus === 'ACTIVE' ? Table.LatestStreamArn : undefined;
      });
      return {
        name: TableName,
        streamArn,
        async put(item) {
          const Item = Object.fromEntries(
            Object.entries(item).map(([key, value]) => [
              key,
              typeof value === 'number' ? { N: String(value) } : { S: value },
            ]),
          );
          await dynamodb.send(new PutItemCommand({ TableName, Item }));
        },
        async remove(id) {
          await dynamodb.send(new DeleteItemCommand({ TableName, Key: { id: { S: id } } }));
        },
      };
    },
  };
}
