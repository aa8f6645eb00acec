import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import {
  type PassageItem,
  type PostingItem,
  passageKey,
  passagePartition,
  postingPartition,
  versionOfKey,
} from '@millrace/types';
import type { PassageName, Posting, SearchReader } from '../domain/search/ports.ts';
import { batchGet } from './batch-get.ts';
import type { Table } from './tables.ts';

/** Table `search` (keys `pk` and `sk`), owned by file-processing. */
export function dynamoSearchReader(table: Table): SearchReader {
  return {
    async postings(tenant, token, limit) {
      const { Items = [], LastEvaluatedKey } = await table.client.send(
        new QueryCommand({
          TableName: table.name,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': postingPartition(tenant, token) },
          ScanIndexForward: false,
          // One more than asked for tells whether there are more.
          Limit: limit + 1,
        }),
      );
      const items = (Items as PostingItem[]).slice(0, limit);
      const isMore = Items.length > limit || LastEvaluatedKey !== undefined;
      const last = items.at(-1);
      return { postings: byVersion(items), ...(isMore && last && { unreadBelow: last.sk }) };
    },

    async postingsOf(tenant, token, versionKeys) {
      const pk = postingPartition(tenant, token);
      return byVersion(
        await batchGet<PostingItem>(
          table,
          versionKeys.map((sk) => ({ pk, sk })),
        ),
      );
    },

    async passages(tenant, wanted) {
      const keys = wanted.map((name) => passageItemKey(tenant, name));
      const items = await batchGet<PassageItem>(table, keys);
      const texts = new Map(items.map(({ pk, sk, text }) => [JSON.stringify([pk, sk]), text]));
      return keys.map(({ pk, sk }) => texts.get(JSON.stringify([pk, sk])));
    },
  };
}

function byVersion(items: readonly PostingItem[]): Map<string, Posting> {
  return new Map(items.map(({ pk: _pk, sk, ...posting }) => [sk, posting]));
}

function passageItemKey(tenant: string, { versionKey, number }: PassageName) {
  const { fileId, sequencer } = versionOfKey(versionKey);
  return { pk: passagePartition(tenant, fileId), sk: passageKey(sequencer, number) };
}
