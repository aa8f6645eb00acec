import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateQuery, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import {
  type PassageItem,
  type PostingItem,
  passageKey,
  passagePartition,
  postingPartition,
  versionKey,
} from '@millrace/types';
import {
  type Manifest,
  type SearchIndex,
  type SearchStore,
  type Subject,
  searchIndex,
} from '../search-index.ts';
import { batchWriter } from './dynamo-batch-writer.ts';

export interface DynamoSearchIndexOptions {
  readonly client: DynamoDBClient;
  /** Keys `pk` and `sk`; TTL attribute `expiresAt`. */
  readonly table: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export function dynamoSearchIndex(options: DynamoSearchIndexOptions): SearchIndex {
  return searchIndex(dynamoSearchStore(options));
}

/** Longer than S3, Lambda's retries and an operator's redrive may delay an attempt. */
const EXPIRY_SECONDS = 14 * 24 * 60 * 60;

interface ManifestItem extends Manifest {
  readonly pk: string;
  readonly sk: string;
  readonly isFinished: boolean;
  /** Seconds since the epoch. */
  readonly expiresAt?: number;
}

/** How the items of the table `search` are made is a contract with the API: `packages/types`. */
export function dynamoSearchStore(options: DynamoSearchIndexOptions): SearchStore {
  const { client, table: TableName, now = Date.now } = options;
  const documents = DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
  });
  const batches = batchWriter(documents, TableName);

  /** False where the manifest is not there, or is but does not meet the condition. */
  async function change(
    Key: ReturnType<typeof manifestKey>,
    UpdateExpression: string,
    condition: string,
    values: Record<string, unknown>,
  ): Promise<boolean> {
    try {
      await documents.send(
        new UpdateCommand({
          ...{ TableName, Key, UpdateExpression },
          ConditionExpression: `attribute_exists(pk)${condition}`,
          ExpressionAttributeValues: values,
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  return {
    async manifests(file, sequencer = '') {
      const pages = paginateQuery(
        { client: documents },
        {
          TableName,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :version)',
          ExpressionAttributeValues: {
            ':pk': manifestPartition(file),
            ':version': sequencer === '' ? '#' : `#${sequencer}#`,
          },
        },
      );
      const found: ManifestItem[] = [];
      for await (const { Items = [] } of pages) found.push(...(Items as ManifestItem[]));
      return found.map(({ pk: _pk, sk: _sk, expiresAt: _expiresAt, ...manifest }) => manifest);
    },

    announce: (file, manifests) =>
      batches.put(
        manifests.map((manifest) => ({
          ...manifestKey(file, manifest),
          ...manifest,
          isFinished: false,
        })),
      ),

    write({ tenant, fileId }, sequencer, { postings, passages }) {
      const postingItems = [...postings].map(([ofToken, posting]): PostingItem => {
        return { ...postingKey(tenant, ofToken, fileId, sequencer), ...posting };
      });
      const passageItems = passages.map((text, number): PassageItem => {
        return { ...passageItemKey(tenant, fileId, sequencer, number), text };
      });
      return batches.put([...postingItems, ...passageItems]);
    },

    erase: ({ tenant, fileId }, sequencer, { tokens, passages }) =>
      batches.remove([
        ...[...tokens].map((ofToken) => postingKey(tenant, ofToken, fileId, sequencer)),
        ...[...passages].map((number) => passageItemKey(tenant, fileId, sequencer, number)),
      ]),

    async finish(file, manifests) {
      const finished = await Promise.all(
        manifests.map((manifest) =>
          change(
            manifestKey(file, manifest),
            'SET isFinished = :yes',
            ' AND attribute_not_exists(expiresAt)',
            { ':yes': true },
          ),
        ),
      );
      return !finished.includes(false);
    },

    forget: (file, manifests) =>
      batches.remove(manifests.map((manifest) => manifestKey(file, manifest))),

    async expire(file, manifests) {
      const values = { ':at': Math.floor(now() / 1000) + EXPIRY_SECONDS, ':no': false };
      await Promise.all(
        manifests.map((manifest) =>
          change(manifestKey(file, manifest), 'SET expiresAt = :at, isFinished = :no', '', values),
        ),
      );
    },
  };
}

function manifestPartition({ tenant, fileId }: Subject): string {
  return `${tenant}#manifest#${fileId}`;
}

function manifestKey(file: Subject, { sequencer, id }: Manifest) {
  return { pk: manifestPartition(file), sk: `#${sequencer}#${id}` };
}

function postingKey(tenant: string, ofToken: string, fileId: string, sequencer: string) {
  return { pk: postingPartition(tenant, ofToken), sk: versionKey(fileId, sequencer) };
}

function passageItemKey(tenant: string, fileId: string, sequencer: string, number: number) {
  return { pk: passagePartition(tenant, fileId), sk: passageKey(sequencer, number) };
}
