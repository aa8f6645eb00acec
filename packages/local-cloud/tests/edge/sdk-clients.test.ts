import {
  AdminConfirmSignUpCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  InitiateAuthCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import {
  CreateStreamCommand,
  DescribeLimitsCommand,
  DescribeStreamSummaryCommand,
  GetShardIteratorCommand as GetKinesisIteratorCommand,
  GetRecordsCommand as GetKinesisRecordsCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateTopicCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CloudFixture, startCloudFixture } from './cloud-fixture.ts';

let fixture: CloudFixture;
beforeAll(async () => {
  fixture = await startCloudFixture();
});
afterAll(() => fixture.stop());

describe('DynamoDB and its streams', () => {
  it('shows the configured region in every ARN and takes it back', async () => {
    const dynamodb = new DynamoDBClient(fixture.client);
    const created = await dynamodb.send(
      new CreateTableCommand({
        TableName: 'orders',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      }),
    );
    const arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/orders';
    expect(created.TableDescription?.TableArn).toBe(arn);
    expect(created.TableDescription?.LatestStreamArn).toMatch(`${arn}/stream/`);
    const tags = await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: arn }));
    expect(tags.Tags).toEqual([]);

    const text = 'about arn:aws:dynamodb:us-east-1: and arn:aws:dynamodb:dynoxide:';
    const Item = { pk: { S: 'a' }, text: { S: text } };
    await dynamodb.send(new PutItemCommand({ TableName: 'orders', Item }));
    const read = await dynamodb.send(
      new GetItemCommand({ TableName: 'orders', Key: { pk: { S: 'a' } } }),
    );
    expect(read.Item).toEqual(Item);
  });

  it('reads what was written from the stream', async () => {
    const streams = new DynamoDBStreamsClient(fixture.client);
    const listed = await streams.send(new ListStreamsCommand({ TableName: 'orders' }));
    const StreamArn = listed.Streams?.[0]?.StreamArn;
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
    const { ShardIterator } = await streams.send(
      new GetShardIteratorCommand({
        StreamArn,
        ShardId: StreamDescription?.Shards?.[0]?.ShardId,
        ShardIteratorType: 'TRIM_HORIZON',
      }),
    );
    const { Records } = await streams.send(new GetRecordsCommand({ ShardIterator }));
    expect(Records).toHaveLength(1);
    expect(Records?.[0]).toMatchObject({ eventName: 'INSERT', awsRegion: 'us-east-1' });
  });

  it('answers errors by name', async () => {
    const dynamodb = new DynamoDBClient(fixture.client);
    await expect(
      dynamodb.send(new DescribeTableCommand({ TableName: 'missing' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('Kinesis over HTTP/2', () => {
  it('puts and reads records, by stream name and by ARN', async () => {
    const kinesis = new KinesisClient(fixture.client);
    expect(kinesis.config.requestHandler.metadata).toMatchObject({ handlerProtocol: 'h2' });
    await kinesis.send(new CreateStreamCommand({ StreamName: 'clicks', ShardCount: 2 }));
    const summary = await untilActive(kinesis, 'clicks');
    const StreamARN = summary?.StreamARN;
    expect(StreamARN).toBe('arn:aws:kinesis:us-east-1:000000000000:stream/clicks');
    const Records = Array.from({ length: 500 }, (_, index) => ({
      PartitionKey: `key ${index % 10}`,
      Data: Buffer.from(`record ${index} ${'한'.repeat(500)}`),
    }));
    const put = await kinesis.send(new PutRecordsCommand({ StreamARN, Records }));
    expect(put.FailedRecordCount).toBe(0);

    const read = new Set<string>();
    const { Shards } = await kinesis.send(new ListShardsCommand({ StreamName: 'clicks' }));
    for (const { ShardId } of Shards ?? []) {
      const { ShardIterator } = await kinesis.send(
        new GetKinesisIteratorCommand({ StreamARN, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
      );
      const answer = await kinesis.send(new GetKinesisRecordsCommand({ ShardIterator }));
      for (const { Data } of answer.Records ?? []) read.add(Buffer.from(Data ?? []).toString());
    }
    expect(read).toEqual(new Set(Records.map(({ Data }) => Data.toString())));
    kinesis.destroy();
  });

  it('makes an on-demand stream', async () => {
    const kinesis = new KinesisClient(fixture.client);
    await kinesis.send(
      new CreateStreamCommand({
        StreamName: 'on-demand',
        StreamModeDetails: { StreamMode: 'ON_DEMAND' },
      }),
    );
    expect(await untilActive(kinesis, 'on-demand')).toMatchObject({ OpenShardCount: 4 });
    kinesis.destroy();
  });

  it('names an operation that is missing', async () => {
    const kinesis = new KinesisClient(fixture.client);
    const limits = new DescribeLimitsCommand({});
    await expect(kinesis.send(limits)).rejects.toThrow('DescribeLimits is not offered');
    kinesis.destroy();
  });
});

async function untilActive(kinesis: KinesisClient, StreamName: string) {
  for (;;) {
    const summary = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
    if (summary.StreamDescriptionSummary?.StreamStatus === 'ACTIVE') {
      return summary.StreamDescriptionSummary;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('SQS and SNS', () => {
  it('sends, receives and dead-letters; URLs lead back to the edge', async () => {
    const sqs = new SQSClient(fixture.client);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
    expect(QueueUrl).toBe(`${fixture.cloud.edgeUrl}/000000000000/dead`);
    const RedrivePolicy = JSON.stringify({
      deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead',
      maxReceiveCount: 1,
    });
    const { QueueUrl: mainUrl } = await sqs.send(
      new CreateQueueCommand({ QueueName: 'main', Attributes: { RedrivePolicy } }),
    );
    await sqs.send(new SendMessageCommand({ QueueUrl: mainUrl, MessageBody: 'poison' }));
    const first = await sqs.send(new ReceiveMessageCommand({ QueueUrl: mainUrl }));
    const ReceiptHandle = first.Messages?.[0]?.ReceiptHandle;
    // Back at once: the receive count must survive it.
    await sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: mainUrl,
        ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    );
    const second = await sqs.send(new ReceiveMessageCommand({ QueueUrl: mainUrl }));
    expect(second.Messages ?? []).toEqual([]);
    const dead = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(dead.Messages?.[0]?.Body).toBe('poison');
  });

  it('delivers a topic to its queue', async () => {
    const sns = new SNSClient(fixture.client);
    const sqs = new SQSClient(fixture.client);
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'news' }));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'reader' }));
    const attributes = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    const Endpoint = attributes.Attributes?.QueueArn;
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
    await sns.send(new PublishCommand({ TopicArn, Message: 'hello' }));
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }),
    );
    expect(JSON.parse(Messages?.[0]?.Body ?? '')).toMatchObject({ Message: 'hello' });
  });
});

describe('Cognito', () => {
  it('signs in; issuer, keys and configuration belong together', async () => {
    const cognito = new CognitoIdentityProviderClient(fixture.client);
    const { UserPool } = await cognito.send(
      new CreateUserPoolCommand({ PoolName: 'people', UsernameAttributes: ['email'] }),
    );
    const { UserPoolClient } = await cognito.send(
      new CreateUserPoolClientCommand({
        UserPoolId: UserPool?.Id,
        ClientName: 'web',
        ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      }),
    );
    const ClientId = UserPoolClient?.ClientId;
    const Username = 'jane@example.com';
    const Password = 'Correct-horse-1';
    const UserAttributes = [{ Name: 'email', Value: Username }];
    await cognito.send(new SignUpCommand({ ClientId, Username, Password, UserAttributes }));
    expect(fixture.lines.join('\n')).not.toContain(Username);
    await cognito.send(new AdminConfirmSignUpCommand({ UserPoolId: UserPool?.Id, Username }));
    const { AuthenticationResult } = await cognito.send(
      new InitiateAuthCommand({
        ClientId,
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: Username, PASSWORD: Password },
      }),
    );
    const [head = '', claims = ''] = (AuthenticationResult?.IdToken ?? '').split('.');
    const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    const issuer = `${fixture.cloud.edgeUrl}/${UserPool?.Id}`;
    expect(decode(claims).iss).toBe(issuer);

    const get = async (path: string) => (await fetch(`${issuer}/.well-known/${path}`)).json();
    expect(await get('openid-configuration')).toMatchObject({
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
    });
    const { keys } = (await get('jwks.json')) as { keys: { kid: string }[] };
    expect(keys.map(({ kid }) => kid)).toContain(decode(head).kid);
  });

  it('lets a browser ask first', async () => {
    const answer = await fetch(fixture.cloud.edgeUrl, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://localhost:5173',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-amz-target',
      },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-headers')).toBe('content-type,x-amz-target');
  });
});

describe('S3', () => {
  it('is what a request without any other mark is for', async () => {
    const s3 = new S3Client(fixture.client);
    expect((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
    const answer = await fetch(`${fixture.cloud.edgeUrl}/no-such-bucket/key`);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await answer.text()).toContain('<Error>');
  });
});
