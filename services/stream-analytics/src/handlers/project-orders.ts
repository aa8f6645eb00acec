import { dynamoDeadLetters, kinesisHandler } from '@millrace/middleware';
import { dynamoOrderStore } from '../adapters/dynamo-order-store.ts';
import { dynamoRevenueStore } from '../adapters/dynamo-revenue-store.ts';
import { boundedDynamoDb, RESERVED_MS } from '../adapters/dynamodb-client.ts';
import { invocationPacing } from '../adapters/pacing.ts';
import { readOrdersConfig } from '../config.ts';
import { requireTimely } from '../domain/incoming-event.ts';
import { ALERT_RULES } from '../pipelines/alerts/alert-rules.ts';
import { notingSeries } from '../pipelines/alerts/watched-series.ts';
import { bookRevenue } from '../pipelines/orders/book-revenue.ts';
import { readOrder } from '../pipelines/orders/order-event.ts';
import { projectOrder } from '../pipelines/orders/project-order.ts';

const config = readOrdersConfig();
const client = boundedDynamoDb();
const orders = dynamoOrderStore({ client, table: config.ORDERS_TABLE });
const counters = dynamoRevenueStore({
  client,
  metricsTable: config.METRICS_TABLE,
  statesTable: config.STATES_TABLE,
});
const revenue = notingSeries(counters, ALERT_RULES);

/** Order events of the stream `events` → the newest state of each order, and the revenue of those paid. */
export const handler = kinesisHandler({
  deadLetters: dynamoDeadLetters({ client, table: config.DEAD_LETTERS_TABLE }),
  decode: readOrder,
  reservedMs: RESERVED_MS,
  keyOf: ({ value, partitionKey }) =>
    value ? `${value.tenant}/${value.event.data.orderId}` : partitionKey,
  process: async ({ value, arrivedAt }, { remainingMs }) => {
    if (!value) return;
    requireTimely(value.event, arrivedAt);
    // An illegal step is refused here and books nothing; one that changes nothing may be the first
    // to show that the order was paid.
    await projectOrder(value.event, value.tenant, orders);
    const pacing = invocationPacing(remainingMs);
    await bookRevenue(value.event, value.tenant, { store: revenue, pacing });
  },
});
