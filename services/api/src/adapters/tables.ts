import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { PageRequest, StoredPage } from '../domain/paging.ts';

export interface Table {
  readonly client: DynamoDBDocumentClient;
  readonly name: string;
}

/**
 * Puts an item unless there is one with its key. Returns what is stored then: the new one or the
 * one that was there, in one request.
 */
export async function putOnce<T extends object>(
  { client, name }: Table,
  keyName: string & keyof T,
  item: T,
): Promise<T> {
  try {
    await client.send(
      new PutCommand({
        TableName: name,
        Item: item,
        ConditionExpression: 'attribute_not_exists(#key)',
        ExpressionAttributeNames: { '#key': keyName },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return item;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException) || !error.Item) throw error;
    // The table holds what this API and the projections write: items of one type.
    return unmarshall(error.Item) as T;
  }
}

/** A page of one tenant's items in the order of their sort key. The tenant is in every condition. */
export async function queryTenant<T extends object>(
  { client, name }: Table,
  tenant: string,
  sortKey: string & keyof T,
  page: PageRequest,
  index?: string,
): Promise<StoredPage<T>> {
  const answer = await client.send(
    new QueryCommand({
      TableName: name,
      ...(index !== undefined && { IndexName: index }),
      KeyConditionExpression:
        page.after === undefined ? '#tenant = :tenant' : '#tenant = :tenant AND #sort > :after',
      ExpressionAttributeNames: {
        '#tenant': 'tenant',
        ...(page.after !== undefined && { '#sort': sortKey }),
      },
      ExpressionAttributeValues: {
        ':tenant': tenant,
        ...(page.after !== undefined && { ':after': page.after }),
      },
      // One more than asked for tells whether there is a next page.
      Limit: page.limit + 1,
    }),
  );
  const found = (answer.Items ?? []) as T[];
  const items = found.slice(0, page.limit);
  const last = items.at(-1);
  const isMore = found.length > page.limit || answer.LastEvaluatedKey !== undefined;
  return { items, ...(isMore && last && { last: String(last[sortKey]) }) };
}
