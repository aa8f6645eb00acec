import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { FileItem } from '@millrace/types';
import type { FileStore } from '../domain/files/ports.ts';
import { putOnce, queryTenant, type Table } from './tables.ts';

/** Table `files` (partition key `tenant`, sort key `fileId`), shared with file-processing. */
export function dynamoFileStore(table: Table): FileStore {
  const { client, name: TableName } = table;
  return {
    addOnce: (item) => putOnce<FileItem>(table, 'fileId', item),
    async find(tenant, fileId) {
      const { Item } = await client.send(
        new GetCommand({ TableName, Key: { tenant, fileId }, ConsistentRead: true }),
      );
      return Item as FileItem | undefined;
    },
    list: (tenant, page) => queryTenant<FileItem>(table, tenant, 'fileId', page),
    async keepUpload({ tenant, fileId }, uploadId) {
      const { Attributes } = await client.send(
        new UpdateCommand({
          TableName,
          Key: { tenant, fileId },
          UpdateExpression: 'SET #uploadId = if_not_exists(#uploadId, :uploadId)',
          ConditionExpression: 'attribute_exists(fileId)',
          ExpressionAttributeNames: { '#uploadId': 'uploadId' },
          ExpressionAttributeValues: { ':uploadId': uploadId },
          ReturnValues: 'ALL_NEW',
        }),
      );
      return (Attributes as FileItem).uploadId ?? uploadId;
    },
    async forgetAwaiting({ tenant, fileId }) {
      try {
        await client.send(
          new DeleteCommand({
            TableName,
            Key: { tenant, fileId },
            ConditionExpression: '#status = :awaiting',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':awaiting': 'awaiting-upload' },
          }),
        );
      } catch (error) {
        // It has been uploaded, or removed already: file-processing's from here on.
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}
