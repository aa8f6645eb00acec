import { BatchWriteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, PutRecordCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  GetQueueUrlCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type mqtt from 'mqtt';

export const SOURCE_NAMES = ['s3', 'kinesis', 'dynamodb', 'sqs', 'mqtt'] as const;
export type SourceName = (typeof SOURCE_NAMES)[number];

/** How to put into one source, the way its API offers it. */
export interface Source {
  put(id: string): Promise<void>;
  /** The most identifiers of one `putMany`. */
  readonly batch: number;
  putMany(ids: readonly string[]): Promise<void>;
}

export interface Sources extends AsyncDisposable {
  readonly of: Readonly<Record<SourceName, Source>>;
}

/** Where a measured cloud answers. */
export interface SourceAddresses {
  readonly endpoint: string;
  readonly stage: string;
  connectMqtt(): Promise<mqtt.MqttClient>;
}

/** The same clients with the same settings for whatever is measured. */
export async function openSources(addresses: SourceAddresses): Promise<Sources> {
  const { endpoint, stage } = addresses;
  const credentials = { accessKeyId: 'millrace', secretAccessKey: 'millrace' };
  const options = { endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
  const name = (resource: string) => `millrace-${stage}-probe-${resource}`;
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  const dynamodb = new DynamoDBClient(options);
  // HTTP/1.1, as for the others: this client's own default is HTTP/2.
  const { requestHandler } = dynamodb.config;
  const kinesis = new KinesisClient({ ...options, requestHandler });
  const sqs = new SQSClient({ ...options, useQueueUrlAsEndpoint: false });
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name('inbox') }));
  const client = await addresses.connectMqtt();
  return {
    of: {
      s3: bucket(s3, name('drop')),
      kinesis: stream(kinesis, name('numbers')),
      dynamodb: table(dynamodb, name('things')),
      sqs: queue(sqs, QueueUrl ?? ''),
      mqtt: topic(client),
    },
    async [Symbol.asyncDispose]() {
      for (const each of [s3, dynamodb, kinesis, sqs]) each.destroy();
      await client.endAsync(true);
    },
  };
}

/** For an API that takes one at a time. */
const oneByOne = (put: Source['put']): Source => ({
  put,
  batch: 1,
  putMany: async (ids) => {
    for (const id of ids) await put(id);
  },
});

function bucket(client: S3Client, Bucket: string): Source {
  return oneByOne(async (Key) => {
    await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  });
}

function stream(client: KinesisClient, StreamName: string): Source {
  const record = (id: string) => ({ PartitionKey: id, Data: Buffer.from(id) });
  return {
    batch: 500,
    async put(id) {
      await client.send(new PutRecordCommand({ StreamName, ...record(id) }));
    },
    async putMany(ids) {
      const batch = { StreamName, Records: ids.map(record) };
      const { FailedRecordCount } = await client.send(new PutRecordsCommand(batch));
      if (FailedRecordCount) throw new Error(`${FailedRecordCount} records were refused.`);
    },
  };
}

function table(client: DynamoDBClient, TableName: string): Source {
  const item = (id: string) => ({ id: { S: id }, text: { S: 'a change to be seen' } });
  return {
    batch: 25,
    async put(id) {
      await client.send(new PutItemCommand({ TableName, Item: item(id) }));
    },
    async putMany(ids) {
      const puts = ids.map((id) => ({ PutRequest: { Item: item(id) } }));
      const batch = new BatchWriteItemCommand({ RequestItems: { [TableName]: puts } });
      const { UnprocessedItems = {} } = await client.send(batch);
      if (Object.keys(UnprocessedItems).length > 0) throw new Error('Items were not processed.');
    },
  };
}

function queue(client: SQSClient, QueueUrl: string): Source {
  return {
    batch: 10,
    async put(id) {
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: id }));
    },
    async putMany(ids) {
      const Entries = ids.map((id, index) => ({ Id: String(index), MessageBody: id }));
      const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      if (Failed.length > 0) throw new Error(`${Failed.length} messages were refused.`);
    },
  };
}

function topic(client: mqtt.MqttClient): Source {
  return oneByOne(async (id) => {
    await client.publishAsync('probe/device/telemetry', JSON.stringify({ id }), { qos: 1 });
  });
}
