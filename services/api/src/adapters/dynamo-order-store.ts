import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { OrderItem } from '@millrace/types';
import type { OrderStore } from '../domain/orders/ports.ts';
import { putOnce, queryTenant, type Table } from './tables.ts';

/** Table `orders` (partition key `tenant`, sort key `orderId`), shared with stream-analytics. */
export function dynamoOrderStore(table: Table): OrderStore {
  const { client, name: TableName } = table;
  return {
    async find(tenant, orderId) {
      const { Item } = await client.send(
        new GetCommand({ TableName, Key: { tenant, orderId }, ConsistentRead: true }),
      );
      return Item as OrderItem | undefined;
    },
    list: (tenant, page) => queryTenant<OrderItem>(table, tenant, 'orderId', page),
    addOnce: (order) => putOnce<OrderItem>(table, 'orderId', order),
  };
}
