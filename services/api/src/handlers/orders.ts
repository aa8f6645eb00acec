import { cognitoTokens, createHttpHandler, dynamoOncePerKey } from '@millrace/middleware/http';
import { documentsOf, dynamoClient, kinesisClient } from '../adapters/clients.ts';
import { dynamoOrderStore } from '../adapters/dynamo-order-store.ts';
import { dynamoOrderTimes } from '../adapters/dynamo-order-times.ts';
import { kinesisEventStream } from '../adapters/kinesis-event-stream.ts';
import { readOrdersConfig, userPoolOf } from '../config.ts';
import { orderOperations } from '../operations/orders.ts';

const config = readOrdersConfig();
const dynamo = dynamoClient();
const documents = documentsOf(dynamo);

export const handler = createHttpHandler({
  verifyToken: cognitoTokens(userPoolOf(config)),
  operations: orderOperations({
    orders: dynamoOrderStore({ client: documents, name: config.ORDERS_TABLE }),
    times: dynamoOrderTimes({ client: documents, name: config.IDEMPOTENCY_TABLE }),
    once: dynamoOncePerKey(dynamo, config.IDEMPOTENCY_TABLE),
    stream: kinesisEventStream(kinesisClient(), config.EVENTS_STREAM),
  }),
});
