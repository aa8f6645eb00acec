import { GetCommand, paginateQuery, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import {
  adjustmentSort,
  type DeviceState,
  type DeviceWindow,
  devicePartition,
  readingsPartition,
  readingsSort,
  type StateItem,
  type UsageAdjustment,
  type UsageMonth,
  usagePartition,
} from '@millrace/types';
import type { ReadingStore } from '../domain/readings/ports.ts';
import type { Table } from './tables.ts';

/** Table `states` (keys `pk`, `sk`), which stream-analytics writes. */
export function dynamoReadingStore(table: Table): ReadingStore {
  const { client, name: TableName } = table;
  return {
    async state({ tenant, deviceId }) {
      const Key = { pk: devicePartition(tenant, deviceId), sk: '-' };
      const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
      return documentOf<DeviceState>(Item as StateItem | undefined);
    },
    async *windows({ tenant, deviceId }, window, { from, to }) {
      const end = readingsSort(window, to);
      const items = itemsOf(table, {
        // No sort key goes on after a window's start: the last one is `to` itself, which is not in it.
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: {
          ':pk': readingsPartition(tenant, deviceId),
          ':from': readingsSort(window, from),
          ':to': end,
        },
      });
      for await (const item of items) {
        const found = item.sk < end ? documentOf<DeviceWindow>(item) : undefined;
        if (found) yield { ...found, start: item.sk.slice(window.length + 1) };
      }
    },
    async bill({ tenant, deviceId }, month) {
      const items = itemsOf(table, {
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :month)',
        ExpressionAttributeValues: { ':pk': usagePartition(tenant, deviceId), ':month': month },
      });
      let bill: UsageMonth | undefined;
      const adjustments: UsageAdjustment[] = [];
      for await (const item of items) {
        if (item.sk === month) bill = documentOf<UsageMonth>(item);
        const adjustment = documentOf<UsageAdjustment>(item);
        if (adjustment?.originMonth && item.sk === adjustmentSort(month, adjustment.originMonth)) {
          adjustments.push(adjustment);
        }
      }
      return { bill, adjustments };
    },
  };
}

async function* itemsOf(
  { client, name: TableName }: Table,
  query: Omit<QueryCommandInput, 'TableName'>,
): AsyncGenerator<StateItem> {
  const pages = paginateQuery({ client }, { TableName, ConsistentRead: true, ...query });
  // The table holds what stream-analytics writes, by the keys of `packages/types`.
  for await (const { Items = [] } of pages) yield* Items as StateItem[];
}

/** Undefined also of a state that was deleted: only its version is kept then. */
function documentOf<T>(item: StateItem | undefined): T | undefined {
  return item?.state === undefined ? undefined : JSON.parse(item.state);
}
