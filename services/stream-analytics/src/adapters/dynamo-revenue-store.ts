import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { RevenueStore } from '../pipelines/orders/book-revenue.ts';
import { dynamoAnalyticsStore } from './dynamo-analytics-store.ts';

/** Revenue has no log of seen events: its own states tell what is booked. */
const NO_LOG = 'none';

/** Tables `metrics` and `states`. */
export function dynamoRevenueStore(options: {
  readonly client: DynamoDBClient;
  readonly metricsTable: string;
  readonly statesTable: string;
}): RevenueStore {
  return dynamoAnalyticsStore({ ...options, seenEventsTable: NO_LOG });
}
