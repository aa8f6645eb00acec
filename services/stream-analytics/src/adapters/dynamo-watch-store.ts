import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  paginateQuery,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { type DeviceAlert, devicePartition, type StateItem } from '@millrace/types';
import type { StateRef } from '../domain/engine/pipeline.ts';
import {
  ALERTS_PARTITION,
  alertRef,
  type DueLook,
  duePartition,
  dueRef,
} from '../pipelines/telemetry/device-watch.ts';
import type { StoredDevice, WatchStore } from '../pipelines/telemetry/watch-devices.ts';
import { dynamoWaitingAlerts } from './dynamo-waiting-alerts.ts';
import { isWritten } from './is-written.ts';

/** Table `states`: what the pipeline `telemetry` writes, by the same versions. */
export function dynamoWatchStore(options: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): WatchStore {
  const client = DynamoDBDocumentClient.from(options.client);
  const TableName = options.table;
  const write = (actions: TransactWriteCommandInput['TransactItems']) =>
    isWritten(client.send(new TransactWriteCommand({ TransactItems: actions })));
  const remove = (Key: { pk: string; sk: string }) => ({
    Delete: { TableName, Key, ConditionExpression: 'attribute_exists(pk)' },
  });
  const put = (ref: StateRef<unknown>, document: unknown) => ({
    Put: { TableName, Item: { pk: ref.pk, sk: ref.sk, state: JSON.stringify(document) } },
  });
  async function* items(pk: string, before: string): AsyncIterable<StateItem> {
    const pages = paginateQuery(
      { client },
      {
        TableName,
        KeyConditionExpression: 'pk = :pk AND sk < :before',
        ExpressionAttributeValues: { ':pk': pk, ':before': before },
        ConsistentRead: true,
      },
    );
    for await (const { Items = [] } of pages) yield* Items as StateItem[];
  }
  return {
    ...dynamoWaitingAlerts<DeviceAlert>(options.client, TableName, ALERTS_PARTITION),
    async *dueLooks(shard, now) {
      // `~` sorts behind the `#` that follows the time in a key.
      for await (const { pk, sk, state } of items(duePartition(shard), `${now}~`)) {
        yield { ...(JSON.parse(state) as DueLook), pk, sk };
      }
    },
    async readDevice(look) {
      const Key = deviceKey(look);
      const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
      if (!Item) return undefined;
      const { state, version = 0 } = Item as StateItem;
      return { state: JSON.parse(state), version };
    },
    postpone: (due, at) => write([remove(keyOf(due)), put(dueRef(due, at), lookOf(due))]),
    drop: (due, device) =>
      write([
        { Delete: { TableName, Key: keyOf(due) } },
        { ConditionCheck: { TableName, Key: deviceKey(due), ...asItWasRead(device) } },
      ]),
    goOffline: (due, device, next, alert) =>
      write([
        remove(keyOf(due)),
        {
          Update: {
            TableName,
            Key: deviceKey(due),
            UpdateExpression: 'SET #state = :state, #version = :next',
            ConditionExpression: '#version = :version',
            ExpressionAttributeNames: { '#state': 'state', '#version': 'version' },
            ExpressionAttributeValues: {
              ':state': JSON.stringify(next),
              ':version': device.version,
              ':next': device.version + 1,
            },
          },
        },
        put(alertRef(alert), alert),
      ]),
  };
}

const keyOf = ({ pk, sk }: { pk: string; sk: string }) => ({ pk, sk });
const lookOf = ({ tenant, deviceId }: DueLook): DueLook => ({ tenant, deviceId });
const deviceKey = ({ tenant, deviceId }: DueLook) => ({
  pk: devicePartition(tenant, deviceId),
  sk: '-',
});

function asItWasRead(device: StoredDevice | undefined) {
  if (!device) return { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    ConditionExpression: '#version = :version',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: { ':version': device.version },
  };
}
