import { dynamoDeadLetters, kinesisHandler } from '@millrace/middleware';
import { dynamoOrderStore } from '../adapters/dynamo-order-store.ts';
import { boundedDynamoDb, RESERVED_MS } from '../adapters/dynamodb-client.ts';
import { readOrdersConfig } from '../config.ts';
import { readOrder } from '../domain/orders/order-event.ts';
import { projectOrder } from '../domain/orders/project-order.ts';

const { ORDERS_TABLE, DEAD_LETTERS_TABLE } = readOrdersConfig();
const client = boundedDynamoDb();
const store = dynamoOrderStore({ client, table: ORDERS_TABLE });

/** Order events of the stream `events` → the newest state of each order in the table `orders`. */
export const handler = kinesisHandler({
  deadLetters: dynamoDeadLetters({ client, table: DEAD_LETTERS_TABLE }),
  decode: readOrder,
  reservedMs: RESERVED_MS,
  keyOf: ({ value, partitionKey }) =>
    value ? `${value.tenant}/${value.event.data.orderId}` : partitionKey,
  process: async ({ value }) => {
    if (value) await projectOrder(value.event, value.tenant, store);
  },
});
