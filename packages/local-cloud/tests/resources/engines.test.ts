import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Cloud, startCloud } from '../../src/cloud.ts';
import { createCloudClient } from '../../src/plugin/cloud-client.ts';
import type { CloudFormationResource } from '../../src/ports.ts';
import { createEngineCalls, type EngineCalls } from '../../src/resources/aws-json.ts';

let folder: string;
let cloud: Cloud;
let engines: EngineCalls;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-engines-'));
  await open();
});

afterEach(async () => {
  await cloud.close();
  rmSync(folder, { recursive: true });
});

async function open() {
  cloud = await startCloud({ stateDir: folder, edgePort: 0, mqttPort: 0 });
  engines = createEngineCalls(cloud.edgeUrl, 'us-east-1');
}

async function restart() {
  await cloud.close();
  await open();
}

/** Registers a service with these resources; its outputs are a `Ref` to each. */
function register(Resources: Record<string, CloudFormationResource>) {
  const Outputs = Object.fromEntries(
    Object.keys(Resources).map((logicalId) => [logicalId, { Value: { Ref: logicalId } }]),
  );
  return createCloudClient(cloud.edgeUrl, 'millrace-sample').register({
    service: 'millrace-sample',
    stage: 'local',
    region: 'us-east-1',
    accountId: '000000000000',
    template: { Resources, Outputs },
    functions: [],
  });
}

function table(properties: Record<string, unknown> = {}): CloudFormationResource {
  return {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'things',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      ...properties,
    },
  };
}

describe('resources in the engines', () => {
  it('register a consumer of enhanced fan-out once, and find it after a restart', async () => {
    const resources = {
      Numbers: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'numbers', ShardCount: 1 } },
      Reader: {
        Type: 'AWS::Kinesis::StreamConsumer',
        Properties: { ConsumerName: 'fast', StreamARN: { 'Fn::GetAtt': ['Numbers', 'Arn'] } },
      },
    };
    const first = await register(resources);
    await restart();
    const { ConsumerDescription } = await engines.call('Kinesis_20131202.DescribeStreamConsumer', {
      ConsumerARN: first.outputs.Reader,
    });
    expect(ConsumerDescription).toMatchObject({ ConsumerName: 'fast', ConsumerStatus: 'ACTIVE' });
    const second = await register(resources);
    expect(second.outputs).toEqual(first.outputs);
    expect(second.warnings).toEqual([]);
  });

  it('keep their contents when a service registers again, also after a restart', async () => {
    const resources = {
      Things: table(),
      Numbers: {
        Type: 'AWS::Kinesis::Stream',
        Properties: { Name: 'numbers', ShardCount: 2, RetentionPeriodHours: 48 },
      },
      Drop: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'drop' } },
      Dead: { Type: 'AWS::SQS::Queue' },
      Inbox: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          QueueName: 'inbox',
          VisibilityTimeout: 90,
          RedrivePolicy: {
            deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] },
            maxReceiveCount: 5,
          },
        },
      },
      Pool: { Type: 'AWS::Cognito::UserPool', Properties: { UserPoolName: 'people' } },
      App: {
        Type: 'AWS::Cognito::UserPoolClient',
        Properties: { UserPoolId: { Ref: 'Pool' }, ClientName: 'app' },
      },
      Admins: {
        Type: 'AWS::Cognito::UserPoolGroup',
        Properties: { UserPoolId: { Ref: 'Pool' }, GroupName: 'admins' },
      },
    };
    const first = await register(resources);
    await engines.call('DynamoDB_20120810.PutItem', {
      TableName: 'things',
      Item: { id: { S: 'kept' } },
    });
    await restart();
    const second = await register(resources);
    expect(second.warnings).toEqual([]);
    const { Inbox: _, Dead: __, ...stable } = first.outputs;
    expect(second.outputs).toMatchObject(stable);
    const { Count } = await engines.call('DynamoDB_20120810.Scan', { TableName: 'things' });
    expect(Count).toBe(1);
    const { StreamDescriptionSummary } = await engines.call(
      'Kinesis_20131202.DescribeStreamSummary',
      {
        StreamName: 'numbers',
      },
    );
    expect(StreamDescriptionSummary).toMatchObject({ OpenShardCount: 2, RetentionPeriodHours: 48 });
    const { Attributes } = await engines.call('AmazonSQS.GetQueueAttributes', {
      QueueUrl: String(second.outputs.Inbox),
      AttributeNames: ['All'],
    });
    expect(Attributes).toMatchObject({
      VisibilityTimeout: '90',
      RedrivePolicy: expect.stringContaining('millrace-sample-local-Dead'),
    });
  });

  it('refuse a table whose keys changed, saying what to do', async () => {
    await register({ Things: table() });
    const changed = table({
      AttributeDefinitions: [{ AttributeName: 'other', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'other', KeyType: 'HASH' }],
    });
    await expect(register({ Things: changed })).rejects.toMatchObject({
      code: 'TABLE_KEYS_CHANGED',
      message: expect.stringMatching(/things .*id \(HASH\).*other \(HASH\).*npm run reset/),
    });
  });

  it('gain a stream, an index and a time to live in place', async () => {
    await register({ Things: table() });
    await register({
      Things: table({
        AttributeDefinitions: [
          { AttributeName: 'id', AttributeType: 'S' },
          { AttributeName: 'owner', AttributeType: 'S' },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'byOwner',
            KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
        StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      }),
    });
    const { Table } = await engines.call('DynamoDB_20120810.DescribeTable', {
      TableName: 'things',
    });
    expect(Table).toMatchObject({
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      GlobalSecondaryIndexes: [{ IndexName: 'byOwner', IndexStatus: 'ACTIVE' }],
    });
    const ttl = await engines.call('DynamoDB_20120810.DescribeTimeToLive', { TableName: 'things' });
    expect(ttl.TimeToLiveDescription).toMatchObject({
      AttributeName: 'expiresAt',
      TimeToLiveStatus: 'ENABLED',
    });
  });

  it('deliver from a topic to the queue that subscribed', async () => {
    const { outputs } = await register({
      News: {
        Type: 'AWS::SNS::Topic',
        Properties: {
          TopicName: 'news',
          Subscription: [{ Protocol: 'sqs', Endpoint: { 'Fn::GetAtt': ['Inbox', 'Arn'] } }],
        },
      },
      Inbox: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'inbox' } },
    });
    await engines.query('sns', {
      Action: 'Publish',
      Version: '2010-03-31',
      TopicArn: String(outputs.News),
      Message: 'extra',
    });
    const { Messages } = await engines.call('AmazonSQS.ReceiveMessage', {
      QueueUrl: String(outputs.Inbox),
      WaitTimeSeconds: 5,
    });
    expect(Messages).toEqual([
      expect.objectContaining({ Body: expect.stringContaining('"extra"') }),
    ]);
  });
});
